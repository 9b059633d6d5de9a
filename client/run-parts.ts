/** A run as its document needs it: the record with its output loaded, beside what the history tells. */
import type { JsonObject } from '../core/json.ts';
import type { RunParts } from '../core/run-document.ts';
import { runKey } from '../core/run-id.ts';
import type { RunRecord } from '../core/run.ts';
import { EMPTY_TRACE } from '../core/trace.ts';
import type { Temporal } from './connection.ts';
import type { ClientPorts } from './ports.ts';
import { findRun } from './run-records.ts';
import { webUrl } from './runs.ts';
import { recordToWatch, traceRun } from './watch.ts';

/** Without Temporal the record is read alone. Rejects with `unknown_run` where there is none. */
export async function readRun(
  ports: ClientPorts,
  temporal: Temporal | undefined,
  runId: string,
): Promise<RunParts> {
  const trace = temporal === undefined ? EMPTY_TRACE : await traceRun(ports, temporal, runId);
  const record = await findRun(ports, runId); // after the trace, which puts right what Temporal ended
  const url = temporal === undefined ? undefined : webUrl(temporal.target, record.id);
  return {
    record,
    trace,
    ...(record.output === undefined ? {} : { result: await ports.values.uncarry(record.output) }),
    ...(url === undefined ? {} : { url }),
  };
}

/** Gives a run that no worker has taken yet a record, so that its caller finds what was promised. */
export async function ensureRecord(
  ports: ClientPorts,
  temporal: Temporal,
  runId: string,
): Promise<RunRecord> {
  const record = await recordToWatch(ports, temporal, runId);
  const kept = await ports.records.update('runs', runKey(runId), (current) => {
    return current ?? (record as unknown as JsonObject);
  });
  return kept as unknown as RunRecord; // written by this product alone
}
