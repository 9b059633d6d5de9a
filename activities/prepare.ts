/** The local activity before the first step: snapshot, decide, freeze, claim. */
import { uncarry } from '../adapters/carrying.ts';
import { isSkillosError } from '../core/errors.ts';
import { stepsOf } from '../core/plan.ts';
import { prepare } from '../core/prepare.ts';
import type { Snapshot } from '../core/prepare.ts';
import { distrust } from '../core/request-signature.ts';
import type { Prepared, RunRequest } from '../core/run.ts';
import { currentExecution } from './execution.ts';
import { isRetryable } from './failures.ts';
import type { WorkerPorts } from './ports.ts';
import { claimRecord } from './run-record.ts';

/** Idempotent by workflow and execution: a repeated call reads anew and writes the same record. */
export async function prepareRun(ports: WorkerPorts, request: RunRequest): Promise<Prepared> {
  const prepared = await decide(ports, request);
  if (prepared.status === 'ready') {
    await claimRecord(ports, request, { ...currentExecution(), prepared });
  }
  return prepared;
}

/** A mistake in the request or the skill ends the run; a store that is away is tried again by Temporal. */
async function decide(ports: WorkerPorts, request: RunRequest): Promise<Prepared> {
  try {
    const [payload, snapshot] = await Promise.all([
      uncarry(request.payload, ports.blobs),
      takeSnapshot(ports, request),
    ]);
    return prepare(request, payload, snapshot);
  } catch (error) {
    if (!isSkillosError(error) || isRetryable(error)) throw error;
    return { status: 'error', failure: { code: error.code, message: error.message } };
  }
}

/** Only what the plan names is read. */
async function takeSnapshot(ports: WorkerPorts, request: RunRequest): Promise<Snapshot> {
  const ids = [...new Set(stepsOf(request.plan).map((step) => step.skill))];
  const found = await Promise.all(ids.map((id) => ports.catalogs.find(id)));
  const entries = found.filter((entry) => entry !== undefined);
  const hashes = await Promise.all(entries.map((entry) => ports.code.freeze(entry)));
  return {
    entries: new Map(entries.map((entry) => [entry.id, entry])),
    hashes: new Map(entries.map((entry, index) => [entry.id, hashes[index] as string])),
    checkValue: (await ports.loadSchemas()).checkValue,
    parallelLimit: ports.parallelLimit,
    permissionFile: await ports.policies.permissions(),
    production: ports.trust.production,
    distrust: distrust(currentExecution().id, request, ports.trust),
  };
}
