/** Cancels a run from inside. */
import { CancellationScope } from '@temporalio/workflow';
import type { RunRequest } from '../core/runs/run.ts';
import { gates } from './activities.ts';

/** Temporal closes a workflow as Canceled only if its cancellation was requested, so the run requests it. */
export async function abort(request: RunRequest): Promise<never> {
  await gates.abort(request);
  return CancellationScope.current().cancelRequested;
}
