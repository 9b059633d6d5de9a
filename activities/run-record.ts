/** Writing the record of the run that an activity serves. */
import type { JsonObject } from '../core/json.ts';
import type { Records } from '../core/ports.ts';
import { runKey } from '../core/run-id.ts';
import { openRecord } from '../core/run-record.ts';
import type { Stamp } from '../core/run-record.ts';
import type { RunRecord, RunRequest } from '../core/run.ts';
import { currentExecution } from './execution.ts';

interface RecordPorts {
  readonly records: Records;
}

export function stampNow({ now }: { readonly now: () => number }): Stamp {
  return { executionId: currentExecution().executionId, now: new Date(now()).toISOString() };
}

/** Resolves to the record as it stands afterwards. */
export async function writeRecord(
  ports: RecordPorts,
  request: RunRequest,
  change: (current: RunRecord) => RunRecord,
): Promise<RunRecord> {
  const { id } = currentExecution();
  const written = await changeRecord(ports, id, (current) => change(current ?? openRecord(id, request)));
  return written as RunRecord; // something is always written
}

/** For who does not know what was asked: a run without a record stays without one. */
export async function changeRecord(
  { records }: RecordPorts,
  id: string,
  change: (current: RunRecord | undefined) => RunRecord | undefined,
): Promise<RunRecord | undefined> {
  // A record is plain JSON by its type; interfaces just lack an index signature.
  const written = await records.update('runs', runKey(id), (current) => {
    return change(current as RunRecord | undefined) as unknown as JsonObject | undefined;
  });
  return written as RunRecord | undefined;
}
