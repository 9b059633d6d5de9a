/** Reads the trace of a run: its steps from the history, and its pending activities. */
import { SkillosError } from '../../core/errors/errors.ts';
import type { Traced } from '../../core/runs/trace-document.ts';
import { unknownRun } from '../temporal/connection.ts';
import type { Temporal } from '../temporal/connection.ts';
import { pendingActivities } from './pending-activities.ts';
import type { ClientPorts } from '../ports.ts';
import { findRun } from './run-records.ts';
import { traceRun } from './watch.ts';

/** Rejects with `history_unavailable` if Temporal no longer keeps the history, or with `unknown_run`. */
export async function readTrace(
  ports: Pick<ClientPorts, 'records'>,
  temporal: Temporal,
  runId: string,
): Promise<Traced> {
  const trace = await traceRun(ports, temporal, runId);
  if (trace.startedAt === undefined) {
    throw new SkillosError('history_unavailable', `Temporal no longer keeps the history of run "${runId}"`);
  }
  const record = await findRun(ports, runId); // after the trace, which repairs the record of a run that Temporal ended
  if (trace.end !== undefined) return { record, trace };
  try {
    return { record, trace, pending: await pendingActivities(temporal, runId) };
  } catch (error) {
    throw unknownRun(error, runId);
  }
}
