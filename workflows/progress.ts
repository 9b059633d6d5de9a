/** The panel that the Temporal Web UI shows as a run's current details. */
import { setCurrentDetails } from '@temporalio/workflow';
import type { FrozenStep } from '../core/plan.ts';

type StepState = 'waiting' | 'paused' | 'running' | 'done' | 'skipped' | 'failed' | 'cancelled' | 'undone';

type ShownStep = Pick<FrozenStep, 'number' | 'skill' | 'name'>;

export interface Progress {
  set(step: ShownStep, state: StepState): void;
  /** A line above the steps; none without. */
  say(line?: string): void;
}

const MARK: Readonly<Record<StepState, string>> = {
  waiting: '◌',
  paused: '⏸',
  running: '▶',
  done: '✓',
  skipped: '↷',
  failed: '✗',
  cancelled: '–',
  undone: '↩',
};

/** Costs no event: details are read from the workflow by a query. */
export function openProgress(steps: readonly ShownStep[]): Progress {
  const states = new Map<number, StepState>();
  let heading: readonly string[] = [];
  const show = (): void =>
    setCurrentDetails(
      [...heading, ...pauseHint(states), ...steps.map((step) => lineOf(step, states))].join('\n'),
    );
  show();
  return {
    set(step, state) {
      states.set(step.number, state);
      show();
    },
    say(line) {
      heading = line === undefined ? [] : [line, ''];
      show();
    },
  };
}

function pauseHint(states: ReadonlyMap<number, StepState>): readonly string[] {
  const isPaused = [...states.values()].includes('paused');
  return isPaused ? ['⏸ Paused. Send the signal next, continue, skip, edit or abort', ''] : [];
}

function lineOf(step: ShownStep, states: ReadonlyMap<number, StepState>): string {
  const state = states.get(step.number) ?? 'waiting';
  return `- ${MARK[state]} step ${step.number} **${step.name}** \`${step.skill}\`: ${state}`;
}
