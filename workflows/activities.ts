/** Proxies of the activities, with their time-outs and retries in one place. */
import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';
import type { ScheduledStep } from '../core/plan.ts';
import type { GateActivities, OpeningInput, StepInput, StepResult } from './messages.ts';

/** Gates read and write state only; a store that is away is waited for rather than failed on. */
const GATE: LocalActivityOptions = {
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '1h',
  retry: { initialInterval: '200ms', maximumInterval: '30s' },
  // A longer pause than this is a timer of the workflow instead of a task that is kept open.
  localRetryThreshold: '5s',
};

export const gates = proxyLocalActivities<GateActivities>(GATE);

/** With a line of its own in the Web UI, where the name of the activity does not tell the story. */
export function gatesSaying(summary: string): typeof gates {
  return proxyLocalActivities<GateActivities>({ ...GATE, summary });
}

type SkillActivity = (input: StepInput | OpeningInput) => Promise<StepResult>;

/**
 * A worker that is silent this long is lost; it speaks every second, also while a skill computes. What can be repeated
 * is soon; what can not has nothing to win by haste, and outlives an absence of the server that is not too long.
 */
const HEARTBEAT_TIMEOUT_MS = { repeatable: 8000, unrepeatable: 30_000 } as const;

/**
 * The skill host ends a skill at its own timeout; Temporal's is the net below it. A store that is away when the input is
 * to be loaded or the output to be kept is waited for in the step's activity, as long as the gates wait for it.
 */
const TIMEOUT_MARGIN_MS = 60 * 60 * 1000;

/** Runs a step as an activity named after its skill. */
export function runSkill(step: ScheduledStep, input: StepInput | OpeningInput): Promise<StepResult> {
  const skills = proxyActivities<Record<string, SkillActivity>>(optionsOf(step, 'undoes' in input));
  return (skills[step.skill] as SkillActivity)(input);
}

function optionsOf(step: ScheduledStep, undoes: boolean): ActivityOptions {
  const { retry } = step;
  return {
    summary: `${undoes ? 'undoes step' : 'step'} ${step.number} • ${step.name}`,
    startToCloseTimeout: step.timeoutMs + TIMEOUT_MARGIN_MS,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS[step.repeatable ? 'repeatable' : 'unrepeatable'],
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: {
      maximumAttempts: retry.maxAttempts,
      initialInterval: retry.initialMs,
      backoffCoefficient: retry.backoff,
      maximumInterval: Math.max(retry.maxIntervalMs, retry.initialMs),
      // A lost worker says nothing about the effect, so only what is safe to repeat is tried again after one.
      nonRetryableErrorTypes: step.repeatable
        ? []
        : ['TemporalTimeout:Heartbeat', 'TemporalTimeout:StartToClose'],
    },
  };
}
