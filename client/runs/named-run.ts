/** Finds the run that a person names by the beginning of its id, or as the latest one. Needs no Temporal. */
import { SkillosError } from '../../core/errors/errors.ts';
import { mayOperate } from '../../core/rights/operations.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import { isRunId, requestTimesOf, requestedAtOf, runIdAt } from '../../core/values/run-id.ts';
import type { ClientPorts } from '../ports.ts';
import { maySee } from '../approvals/approvals.ts';
import { readableBy } from './run-records.ts';

export type RunRecordPorts = Pick<ClientPorts, 'records'>;

/** Names of the caller's own newest run, and of the newest one that failed or was blocked. */
const ALIASES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  '@latest': {},
  '@failed': { status: ['error', 'blocked'] },
};
const PREFIX = /^[a-z0-9][A-Za-z0-9_.:-]{0,199}$/;
const PAGE = 1000;
/** Newest runs among which a beginning without a time is searched: each of their records is read. */
const MOST_SEARCHED = 10_000;
const MOST_SHOWN = 5;

export interface NamedRun {
  readonly text: string;
  readonly rights: Rights;
  /** Only jobs. */
  readonly queue?: 'jobs';
}

/**
 * Resolves to the id of the run, among those that the caller may read and the waiting ones that the caller may decide. A complete id is returned unchanged and without a look at the records; so is a text that is
 * the beginning of none, because commands report it as unknown. Rejects with `ambiguous_run` for the beginning of several.
 */
export async function namedRun(ports: RunRecordPorts, { text, rights, queue }: NamedRun): Promise<string> {
  if (isRunId(text)) return text;
  const ofQueue = queue === undefined ? {} : { queue: [queue] };
  const where = { ...readableBy(rights), ...ofQueue };
  const alias = Object.hasOwn(ALIASES, text) ? ALIASES[text] : undefined;
  if (alias !== undefined) {
    const own = { ...where, ...alias, subject: [rights.principal.subject] };
    const [latest] = await runRecords(ports.records).list({ descending: true, limit: 1, where: own });
    return latest?.id ?? text;
  }
  if (!PREFIX.test(text)) return text;
  const readable = await runsFrom(ports, { prefix: text, where, rights });
  const waiting = { tenant: [rights.tenant], status: ['awaiting_approval'], ...ofQueue };
  const decidable = mayOperate(rights, 'runs:read').isAllowed
    ? []
    : await runsFrom(ports, { prefix: text, where: waiting, rights });
  const own = new Set(readable.map(({ id }) => id));
  const found = [...readable, ...decidable.filter(({ id }) => !own.has(id))];
  if (found.length > 1) throw ambiguous(text, found);
  return found[0]?.id ?? text;
}

interface Search {
  readonly prefix: string;
  readonly where: Readonly<Record<string, readonly string[]>>;
  readonly rights: Rights;
}

/** Resolves to at most `MOST_SHOWN` runs whose id begins with the prefix, newest first. */
async function runsFrom(
  ports: RunRecordPorts,
  { prefix, where, rights }: Search,
): Promise<readonly RunRecord[]> {
  const times = requestTimesOf(prefix);
  const found: RunRecord[] = [];
  let after = times === undefined ? undefined : runIdAt(times.end);
  const most = times === undefined ? MOST_SEARCHED : Infinity;
  for (let searched = 0; searched < most; searched += PAGE) {
    const page = { descending: true, limit: PAGE, where, ...(after === undefined ? {} : { after }) };
    const stored = await runRecords(ports.records).list(page);
    for (const record of stored) {
      if (times !== undefined && (requestedAtOf(record.id) ?? 0) < times.start) return found;
      if (!record.id.startsWith(prefix) || !maySee(rights, record)) continue;
      if (found.push(record) === MOST_SHOWN) return found;
    }
    if (stored.length < PAGE) return found;
    after = stored.at(-1)?.id;
  }
  return found;
}

function ambiguous(text: string, found: readonly RunRecord[]): SkillosError {
  const ids = found
    .slice(0, MOST_SHOWN)
    .map(({ id }) => id)
    .join(', ');
  return new SkillosError('ambiguous_run', `Several runs begin with ${JSON.stringify(text)}: ${ids}`);
}
