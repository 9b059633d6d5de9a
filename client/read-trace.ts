/** What a run did, from its history, and what it does now. */
import { SkillosError } from '../core/errors.ts';
import type { Traced } from '../core/trace-document.ts';
import { unknownRun } from './connection.ts';
import type { Temporal } from './connection.ts';
import { pendingSteps } from './pending.ts';
import type { ClientPorts } from './ports.ts';
import { findRun } from './run-records.ts';
import { traceRun } from './watch.ts';

/** Rejects with `history_unavailable` where Temporal no longer has it. */
export async function readTrace(
  ports: Pick<ClientPorts, 'records'>,
  temporal: Temporal,
  runId: string,
): Promise<Traced> {
  const trace = await traceRun(ports, temporal, runId);
  if (trace.startedAt === undefined) {
    throw new SkillosError('history_unavailable', `Temporal no longer keeps the history of run "${runId}"`);
  }
  const record = await findRun(ports, runId); // after the trace, which puts right what Temporal ended
  if (trace.end !== undefined) return { record, trace };
  try {
    return { record, trace, pending: await pendingSteps(temporal, runId) };
  } catch (error) {
    throw unknownRun(error, runId);
  }
}
