/** Reading all that a decision may look at, and deciding. */
import { uncarry } from '../adapters/carrying.ts';
import { takeSnapshot } from '../adapters/snapshot.ts';
import { isSkillosError } from '../core/errors.ts';
import { prepare } from '../core/prepare.ts';
import { distrust } from '../core/request-signature.ts';
import type { Prepared, RunRequest } from '../core/run.ts';
import { currentExecution } from './execution.ts';
import { isRetryable } from './failures.ts';
import type { WorkerPorts } from './ports.ts';

/** A mistake in the request or the skill ends the run; a store that is away is tried again by Temporal. */
export async function decide(ports: WorkerPorts, request: RunRequest): Promise<Prepared> {
  try {
    const [payload, snapshot] = await Promise.all([
      uncarry(request.payload, ports.blobs),
      takeSnapshot(ports, request),
    ]);
    const doubt = distrust(currentExecution().id, request, ports.trust);
    return prepare(request, payload, { ...snapshot, distrust: doubt });
  } catch (error) {
    if (!isSkillosError(error) || isRetryable(error)) throw error;
    return { status: 'error', failure: { code: error.code, message: error.message } };
  }
}
