/** Reads the snapshot that `prepare` decides from, and decides. */
import { uncarry } from '../adapters/storage/carrying.ts';
import { takeSnapshot } from '../adapters/preparing/snapshot.ts';
import { isSkillosError } from '../core/errors/errors.ts';
import { prepare } from '../core/preparing/prepare.ts';
import { refuseRequestSignature } from '../core/runs/request-signature.ts';
import type { Prepared, RunFailure, RunRequest } from '../core/runs/run.ts';
import type { Carried } from '../core/values/carried.ts';
import { assertOwnRun } from './authority/authority.ts';
import { claimFiring, signedId } from './firing.ts';
import { isRetryable } from './failures.ts';
import { refuseJob } from './jobs/job-steps.ts';
import type { WorkerPorts } from './ports.ts';
import { keepSkills } from './prepared-skills.ts';
import { recordRefusal } from './authority/refusals.ts';

/** A decision, and for a plan that may run the skills to record with it; they are not part of the history. */
export interface Decision {
  readonly prepared: Prepared;
  readonly skills?: Carried | undefined;
}

/** Rejects with `run_replayed` if the run belongs to another execution. */
export async function decide(ports: WorkerPorts, request: RunRequest): Promise<Decision> {
  const [decision] = await Promise.all([decideOn(ports, request), assertOwnRun(ports, request)]);
  return decision;
}

/** An error in the request or the skill ends the run. If a store cannot be reached, Temporal retries the activity. */
async function decideOn(ports: WorkerPorts, request: RunRequest): Promise<Decision> {
  try {
    const [payload, snapshot] = await Promise.all([
      uncarry(request.payload, ports.blobs),
      takeSnapshot({ ...ports, values: { uncarry: (carried) => uncarry(carried, ports.blobs) } }, request),
    ]);
    const signatureRefusal = refuseRequestSignature(signedId(request), request, ports.trust);
    if (signatureRefusal !== undefined) await recordRefusal(ports, 'work_refused', signatureRefusal);
    const refused = signatureRefusal === undefined ? await claimFiring(ports, request) : undefined;
    if (refused !== undefined) return failed(refused);
    const cancelled = signatureRefusal === undefined ? await refuseJob(ports, request) : undefined;
    const prepared = cancelled ?? prepare(request, payload, { ...snapshot, signatureRefusal });
    if (prepared.status !== 'ready') return { prepared };
    const { entries, hashes, deployment } = snapshot;
    const skills = { entries: [...entries.values()], hashes, deployment };
    return { prepared, skills: await keepSkills(ports, skills) };
  } catch (error) {
    if (!isSkillosError(error) || isRetryable(error)) throw error;
    return failed({ code: error.code, message: error.message });
  }
}

function failed(failure: RunFailure): Decision {
  return { prepared: { status: 'error', failure } };
}
