/** How many attempts of a step may be lost with their worker. Zod-free: workflows run it. */
import type { ScheduledStep } from './plan.ts';

/**
 * A step fails after this many lost workers; sooner if its activity also prepares the run, because that may
 * be what ends the workers.
 */
export const MAX_LOSSES = { step: 100, opening: 5 } as const;

/**
 * Attempts of a step that must not be repeated beyond those of its retry policy, for attempts that no worker received or that
 * were lost before they began. The activity lets no attempt call the skill after a lost one did, and no failure of the last
 * attempt of the policy is retried; see activities/steps/begun-step.ts.
 */
export const SPARE_ATTEMPTS = 5;

/** The last attempt, from 1, of a step whose activity counts its attempts itself; all beyond its retry policy follow a loss. */
export function lastAttemptOf(
  { repeatable, retry }: Pick<ScheduledStep, 'repeatable' | 'retry'>,
  kind: keyof typeof MAX_LOSSES,
): number {
  return repeatable ? retry.maxAttempts * (1 + MAX_LOSSES[kind]) : retry.maxAttempts + SPARE_ATTEMPTS;
}
