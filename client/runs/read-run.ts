/** Reads a run for its document: the record with its output, and the trace from the history. */
import type { RunParts } from '../../core/runs/run-document.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { EMPTY_TRACE } from '../../core/runs/trace.ts';
import { webUrl } from '../temporal/connection.ts';
import type { Temporal } from '../temporal/connection.ts';
import type { ClientPorts } from '../ports.ts';
import { findRun } from './run-records.ts';
import { recordToWatch, traceRun } from './watch.ts';

/** Without `temporal` only the record is read. Rejects with `unknown_run`. */
export async function readRun(
  ports: ClientPorts,
  temporal: Temporal | undefined,
  runId: string,
): Promise<RunParts> {
  const trace = temporal === undefined ? EMPTY_TRACE : await traceRun(ports, temporal, runId);
  const record = await findRun(ports, runId); // after the trace, which repairs the record of a run that Temporal ended
  const url = temporal === undefined ? undefined : webUrl(temporal.target, record.id);
  return {
    record,
    trace,
    ...(record.output === undefined ? {} : { result: await ports.values.uncarry(record.output) }),
    ...(url === undefined ? {} : { url }),
  };
}

/** Writes the record of a run that no worker has taken yet, so that lists and `runs show` find it. */
export async function ensureRecord(
  ports: ClientPorts,
  temporal: Temporal,
  runId: string,
): Promise<RunRecord> {
  const record = await recordToWatch(ports, temporal, runId);
  return runRecords(ports.records).open(record);
}
