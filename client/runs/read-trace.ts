/** Reads the trace of a run: its steps from the history, and its pending activities. */
import { addCalls } from '../../core/connectors/call-log.ts';
import type { CallLog } from '../../core/connectors/call-log.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { Traced } from '../../core/runs/trace-document.ts';
import { unknownRun } from '../temporal/connection.ts';
import type { Temporal } from '../temporal/connection.ts';
import { pendingActivities } from './pending-activities.ts';
import type { ClientPorts } from '../ports.ts';
import { readRunLog } from './run-log.ts';
import { findRun } from './run-records.ts';
import { traceRun } from './watch.ts';

/** Rejects with `history_unavailable` if Temporal no longer keeps the history, or with `unknown_run`. */
export async function readTrace(
  ports: Pick<ClientPorts, 'records' | 'journal'>,
  temporal: Temporal,
  runId: string,
): Promise<Traced> {
  const trace = await traceRun(ports, temporal, runId);
  if (trace.startedAt === undefined) {
    throw new SkillosError('history_unavailable', `Temporal no longer keeps the history of run "${runId}"`);
  }
  const record = await findRun(ports, runId); // after the trace, which repairs the record of a run that Temporal ended
  const calls = await readCalls(ports, runId);
  if (trace.end !== undefined) return { record, trace, calls };
  try {
    return { record, trace, calls, pending: await pendingActivities(temporal, runId) };
  } catch (error) {
    throw unknownRun(error, runId);
  }
}

async function readCalls({ journal }: Pick<ClientPorts, 'journal'>, runId: string): Promise<CallLog> {
  let calls: CallLog = new Map();
  for (let after: number | undefined = 0; after !== undefined;) {
    const { items, next }: Awaited<ReturnType<typeof readRunLog>> = await readRunLog(journal, runId, after);
    calls = addCalls(calls, items);
    after = next;
  }
  return calls;
}
