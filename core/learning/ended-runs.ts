/** Ends of runs in a log, so that metrics read neither records nor histories. */
import type { JsonObject } from '../json.ts';
import { durationMs } from '../runs/run-approval.ts';
import type { RunRecord } from '../runs/run.ts';
import { msOf } from '../values/iso-time.ts';

/** One line of the log of a tenant. */
export type EndedRun = JsonObject & {
  /** Of the end; ISO 8601. */
  readonly at: string;
  /** Of several lines with the same run and execution, written after a crash, the first counts. */
  readonly run: string;
  readonly execution: string;
  readonly skill: string;
  /** Of the run; `cancelled` for a firing that its schedule refused, because it has run nothing. */
  readonly status: string;
  /** Error code of a run that did not succeed. */
  readonly reason?: string;
  /** From the claim to the end, without waits for people; absent for a run that never began. */
  readonly duration_ms?: number;
  /** The last wait for an approval; absent without one. */
  readonly waited_ms?: number;
  /** Steps that succeeded or failed, and their attempts; absent without any. */
  readonly steps?: number;
  readonly attempts?: number;
  /** In 1/10,000. */
  readonly cost: number;
};

/** Name of the journal of a tenant. */
export function endedRunsLog(tenant: string): string {
  return `runs-ended/${tenant}`;
}

/** Returns undefined for a run that has not ended. */
export function endedRun(record: RunRecord): EndedRun | undefined {
  const { id: run, executionId = '', skill, status, reason, endedAt: at, cost = 0 } = record;
  if (at === undefined) return undefined;
  const { succeeded = [], error, attempts } = record;
  const duration = durationMs(record, msOf(at));
  const waited = waitedMs(record, at);
  return {
    at,
    run,
    execution: executionId,
    skill,
    status: reason === 'schedule_refused' ? 'cancelled' : status,
    ...(reason === undefined ? {} : { reason }),
    ...(duration === undefined ? {} : { duration_ms: duration }),
    ...(waited === undefined ? {} : { waited_ms: waited }),
    ...(attempts === undefined
      ? {}
      : { steps: succeeded.length + (error?.step === undefined ? 0 : 1), attempts }),
    cost,
  };
}

/** A wait that nobody ended lasts until the end of the run. */
function waitedMs({ approval }: RunRecord, endedAt: string): number | undefined {
  if (approval === undefined) return undefined;
  const until = approval.decisions.findLast(({ counted }) => counted)?.at ?? endedAt;
  return Math.max(0, msOf(until) - msOf(approval.since));
}

/** Returns undefined for a line of another version. */
export function readEndedRun(line: JsonObject): EndedRun | undefined {
  const { at, run, execution, skill, status, cost } = line;
  const isRead =
    typeof at === 'string' &&
    typeof run === 'string' &&
    typeof execution === 'string' &&
    typeof skill === 'string' &&
    typeof status === 'string' &&
    typeof cost === 'number';
  return isRead ? (line as EndedRun) : undefined; // this program wrote the rest
}

/** One line of the log of routed queries of a tenant. */
export type RoutedRequest = JsonObject & {
  /** ISO 8601. */
  readonly at: string;
  /** SHA-256 of the query. */
  readonly query: string;
  readonly status: string;
  readonly skill?: string;
  readonly confidence: number;
  /** The caller chose the skill by its id, against the router. */
  readonly override?: true;
};

/** Name of the journal of a tenant. */
export function routingLog(tenant: string): string {
  return `routing/${tenant}`;
}

export function readRoutedRequest(line: JsonObject): RoutedRequest | undefined {
  const { at, status } = line;
  return typeof at === 'string' && typeof status === 'string' ? (line as RoutedRequest) : undefined; // as above
}
