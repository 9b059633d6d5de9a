/** Reads the metrics of the runs of a tenant from the log of their ends. Needs no Temporal. */
import { endedRunsLog, readEndedRun, readRoutedRequest, routingLog } from '../../core/learning/ended-runs.ts';
import type { EndedRun } from '../../core/learning/ended-runs.ts';
import { runMetrics } from '../../core/learning/run-metrics.ts';
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
  const isWanted = (line: { readonly skill?: string }) => skill === undefined || line.skill === skill;
  const [ends, requests] = await Promise.all([
    linesSince(ports, endedRunsLog(tenant), { since, read: readEndedRun }),
    linesSince(ports, routingLog(tenant), { since, read: readRoutedRequest }),
  ]);
  return runMetrics(onceEach(ends).filter(isWanted), requests.filter(isWanted));
}

/** Reads a log backwards until its lines are older, so that the cost does not depend on the age of the log. */
async function linesSince<Line extends { readonly at: string }>(
  { journal }: Pick<ClientPorts, 'journal'>,
  log: string,
  { since, read }: { readonly since: string; readonly read: (line: JsonObject) => Line | undefined },
): Promise<readonly Line[]> {
  const found: Line[] = [];
  for await (const piece of journal.readBack(log, { onCorrupt: () => undefined })) {
    const lines = piece.flatMap((line) => read(line) ?? []);
    const recent = lines.filter(({ at }) => at >= since);
    found.push(...recent);
    if (lines.length > 0 && recent.length === 0) break;
  }
  return found;
}

function onceEach(ends: readonly EndedRun[]): readonly EndedRun[] {
  const known = new Set<string>();
  return ends.filter(({ run, execution }) => {
    const key = `${run}/${execution}`;
    return !known.has(key) && known.add(key);
  });
}
