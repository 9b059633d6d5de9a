/** Reads the metrics of the runs of a tenant from the log of their ends. Needs no Temporal. */
import { endedRunsLog, readEndedRun, readRoutedRequest, routingLog } from '../../core/learning/ended-runs.ts';
import type { EndedRun } from '../../core/learning/ended-runs.ts';
import { metricsCounter } from '../../core/learning/run-metrics.ts';
import type { RunMetrics } from '../../core/learning/run-metrics.ts';
import type { JsonObject } from '../../core/json.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { authorize } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import type { ClientPorts } from '../ports.ts';

interface MetricsRequest {
  /** ISO 8601: only what ended or was asked since then. */
  readonly since: string;
  readonly skill?: SkillId | undefined;
}

/** Rejects with `permission_denied`, because it counts runs of everybody. */
export async function readMetrics(
  ports: Pick<ClientPorts, 'journal' | 'now'>,
  actor: Actor,
  { since, skill }: MetricsRequest,
): Promise<RunMetrics> {
  await authorize(ports, actor, { operation: 'runs:read', ...(skill === undefined ? {} : { skill }) });
  return metricsOf(ports, actor.rights.tenant, { since, skill });
}

const RECENT_MS = 7 * 86_400_000;

/** Counts what ended or was asked within the last seven days, for the operator, whose rights nobody checks. */
export function recentMetrics(
  ports: Pick<ClientPorts, 'journal' | 'now'>,
  tenant: string,
): Promise<RunMetrics> {
  return metricsOf(ports, tenant, { since: new Date(ports.now() - RECENT_MS).toISOString() });
}

async function metricsOf(
  ports: Pick<ClientPorts, 'journal'>,
  tenant: string,
  { since, skill }: MetricsRequest,
): Promise<RunMetrics> {
  const counter = metricsCounter();
  const isWanted = (line: { readonly skill?: string }) => skill === undefined || line.skill === skill;
  const isFirst = firstOfRun();
  await Promise.all([
    eachSince(ports, endedRunsLog(tenant), {
      since,
      read: readEndedRun,
      found: (end) => isWanted(end) && isFirst(end) && counter.countEnd(end),
    }),
    eachSince(ports, routingLog(tenant), {
      since,
      read: readRoutedRequest,
      found: (request) => isWanted(request) && counter.countRequest(request),
    }),
  ]);
  return counter.metrics();
}

interface Search<Line> {
  /** ISO 8601. */
  readonly since: string;
  readonly read: (line: JsonObject) => Line | undefined;
  readonly found: (line: Line) => unknown;
}

/** So many older lines in a row are not only late lines of old runs. */
const MANY_OLD = 10_000;

/** Reads a log backwards until its lines are older, so that the cost does not depend on the age of the log. */
async function eachSince<Line extends { readonly at: string }>(
  { journal }: Pick<ClientPorts, 'journal'>,
  log: string,
  { since, read, found }: Search<Line>,
): Promise<void> {
  let old = 0;
  for await (const piece of journal.readBack(log, { onCorrupt: () => undefined })) {
    let recent = 0;
    for (const entry of piece) {
      const line = read(entry);
      if (line === undefined) continue;
      if (line.at < since) {
        old += 1;
        continue;
      }
      recent += 1;
      found(line);
    }
    if (recent > 0) old = 0;
    if (old >= MANY_OLD) break;
  }
}

/** Returns whether a line is the first that is seen of its run and execution. */
function firstOfRun(): (end: EndedRun) => boolean {
  const known = new Set<string>();
  return ({ run, execution }) => {
    const { size } = known;
    return known.add(`${run}/${execution}`).size > size;
  };
}
