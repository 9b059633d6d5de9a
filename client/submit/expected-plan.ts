/** Binds a run to the plan that was shown to its caller. */
import { SkillosError } from '../../core/errors/errors.ts';
import { changesSince } from '../../core/preparing/plan-file.ts';
import { previewRun } from './preview.ts';
import type { StartRequest } from './start-run.ts';
import type { ExpectedPlan, SubmitPorts } from './submission.ts';

/**
 * Rejects with `plan_changed`; for a plan file the error names the changes. Accepts a blocked plan: its run
 * records the block.
 */
export async function bindToPlan(
  world: SubmitPorts,
  request: StartRequest,
  expected: ExpectedPlan,
): Promise<StartRequest> {
  const previews = await world.previews();
  if (expected.kind === 'digest') {
    const bound = { ...request, expectedDigest: expected.digest };
    await previewRun(world.ports, previews, bound); // rejects if the digest is another one
    return bound;
  }
  const { file } = expected;
  const previewed = await previewRun(world.ports, previews, request);
  if (previewed.status === 'blocked') return { ...request, expectedDigest: file.digest };
  const { digest } = previewed.preview.prepared;
  const changes = changesSince(file, { digest, facts: previewed.facts });
  if (changes.length === 0) return { ...request, expectedDigest: digest };
  throw new SkillosError('plan_changed', `The plan has changed since it was written: ${changes.join(', ')}`, {
    details: { changes },
    hint: 'Write a new plan with --dry-run and review it',
  });
}
