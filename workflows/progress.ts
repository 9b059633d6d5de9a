/** The panel that the Temporal Web UI shows as a run's current details. */
import { setCurrentDetails } from '@temporalio/workflow';
import { stepsOf } from '../core/plan.ts';
import type { FrozenStep, Plan } from '../core/plan.ts';

type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

export interface Progress {
  set(step: FrozenStep, state: StepState): void;
}

const MARK: Readonly<Record<StepState, string>> = {
  waiting: '◌',
  running: '▶',
  done: '✓',
  failed: '✗',
  cancelled: '–',
};

/** Costs no event: details are read from the workflow by a query. */
export function openProgress(plan: Plan<FrozenStep>): Progress {
  const steps = stepsOf(plan);
  const states = new Map<number, StepState>();
  const show = (): void => setCurrentDetails(steps.map((step) => lineOf(step, states)).join('\n'));
  show();
  return {
    set(step, state) {
      states.set(step.number, state);
      show();
    },
  };
}

function lineOf(step: FrozenStep, states: ReadonlyMap<number, StepState>): string {
  const state = states.get(step.number) ?? 'waiting';
  return `- ${MARK[state]} step ${step.number} **${step.name}** \`${step.skill}\`: ${state}`;
}
