/** Proxies of the activities, with their timeouts and retries. */
import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ActivityOptions, LocalActivityOptions, RetryPolicy } from '@temporalio/workflow';
import { SPARE_ATTEMPTS } from '../core/plans/lost-attempts.ts';
import type { ScheduledStep } from '../core/plans/plan.ts';
import type { GateActivities, OpeningInput, StepInput, StepResult } from './messages.ts';

/** Gates only read and write state, so they are retried while a store cannot be reached. */
const GATE: LocalActivityOptions = {
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '1h',
  retry: { initialInterval: '200ms', maximumInterval: '30s' },
  // A longer pause becomes a timer of the workflow, so that no workflow task is kept open for it.
  localRetryThreshold: '5s',
};

export const gates = proxyLocalActivities<GateActivities>(GATE);

/** The same activities with a summary, which the Web UI shows beside their names. */
export function gatesWithSummary(summary: string): typeof gates {
  return proxyLocalActivities<GateActivities>({ ...GATE, summary });
}

type SkillActivity = (input: StepInput | OpeningInput) => Promise<StepResult>;

/**
 * Without a heartbeat for this long a worker counts as lost; it sends one every second. A repeatable step is scheduled
 * again soon. A step that must not be repeated fails then if it has begun, so it is given time to survive an outage of the
 * server.
 */
const HEARTBEAT_TIMEOUT_MS = { repeatable: 8000, unrepeatable: 30_000 } as const;

/**
 * The skill host ends a skill at the skill's own timeout, so Temporal's is longer. The activity also waits for a store that
 * cannot be reached when it loads the input and stores the output, for as long as the gates do.
 */
const TIMEOUT_MARGIN_MS = 60 * 60 * 1000;

/** Runs a step as an activity named after its skill. */
export function runSkill(step: ScheduledStep, input: StepInput | OpeningInput): Promise<StepResult> {
  const skills = proxyActivities<Record<string, SkillActivity>>(optionsOf(step, 'undoes' in input));
  return (skills[step.skill] as SkillActivity)(input);
}

function optionsOf(step: ScheduledStep, isRollback: boolean): ActivityOptions {
  return {
    summary: `${isRollback ? 'rollback of step' : 'step'} ${step.number} • ${step.name}`,
    startToCloseTimeout: step.timeoutMs + TIMEOUT_MARGIN_MS,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS[step.repeatable ? 'repeatable' : 'unrepeatable'],
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: retriesOf(step),
  };
}

/**
 * The activity of a step with a concurrency limit is delivered as often as it waits; it counts its attempts itself, and says
 * when a failed one is repeated. See activities/steps/limited-step.ts.
 */
function retriesOf({ retry, repeatable, concurrency }: ScheduledStep): RetryPolicy {
  if (concurrency !== undefined) return { initialInterval: retry.initialMs, backoffCoefficient: 1 };
  return {
    maximumAttempts: retry.maxAttempts + (repeatable ? 0 : SPARE_ATTEMPTS),
    initialInterval: retry.initialMs,
    backoffCoefficient: retry.backoff,
    maximumInterval: Math.max(retry.maxIntervalMs, retry.initialMs),
  };
}
