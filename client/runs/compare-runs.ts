/** Reads two runs and compares them step by step. */
import type { Rights } from '../../core/rights/permission-policy.ts';
import type { Carried } from '../../core/values/carried.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { diffRuns } from '../../core/runs/run-diff.ts';
import type { ComparedRun, RunDiff } from '../../core/runs/run-diff.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import type { StepTrace } from '../../core/runs/trace.ts';
import type { Temporal } from '../temporal/connection.ts';
import { readRequest } from './history.ts';
import type { ClientPorts } from '../ports.ts';
import { readTrace } from './read-trace.ts';
import { openRun } from './run-records.ts';

/** Rejects as `openRun` does. Needs no Temporal. */
export function runsToCompare(
  ports: ClientPorts,
  rights: Rights,
  [before, after]: readonly [string, string],
): Promise<[RunRecord, RunRecord]> {
  const open = (runId: string) => openRun(ports, rights, { runId, operation: 'runs:read' });
  return Promise.all([open(before), open(after)]);
}

/** Call `runsToCompare` first. Rejects with `history_unavailable` if Temporal no longer keeps one of the histories. */
export async function compareRuns(
  ports: ClientPorts,
  temporal: Temporal,
  [before, after]: readonly [RunRecord, RunRecord],
): Promise<RunDiff> {
  const [left, right] = await Promise.all([
    readCompared(ports, temporal, before.id),
    readCompared(ports, temporal, after.id),
  ]);
  return diffRuns(left, right);
}

export function diffDocument(
  [before, after]: readonly [RunRecord, RunRecord],
  compared: RunDiff,
): JsonObject & { readonly schema: string } {
  const differences = compared as unknown as JsonObject; // plain JSON by its type
  return { schema: 'skillos.run_diff/v1', before: before.id, after: after.id, ...differences };
}

async function readCompared(ports: ClientPorts, temporal: Temporal, runId: string): Promise<ComparedRun> {
  const { record, trace } = await readTrace(ports, temporal, runId);
  const request = await readRequest(temporal, record);
  const load = (carried: Carried) => ports.values.uncarry(carried);
  const own = await valuesOf(trace.steps, (step) => step.output && load(step.output));
  const fromOrigin = (request.origin?.outputs ?? []).map(
    async ({ step, output }) => [step, await load(output)] as const,
  );
  return {
    record,
    trace,
    request,
    payload: await load(request.payload),
    inputs: await valuesOf(trace.steps, (step) => load(step.input)),
    outputs: new Map([...(await Promise.all(fromOrigin)), ...own]),
    ...(record.output === undefined ? {} : { result: await load(record.output) }),
  };
}

async function valuesOf(
  steps: readonly StepTrace[],
  load: (step: StepTrace) => Promise<JsonValue> | undefined,
): Promise<ReadonlyMap<number, JsonValue>> {
  const values = new Map<number, JsonValue>();
  for (const step of steps) {
    const value = await load(step);
    if (value !== undefined) values.set(step.number, value);
  }
  return values;
}
