/** The current details of a run, which the Temporal Web UI shows: one line for each step. */
import { setCurrentDetails } from '@temporalio/workflow';
import type { FrozenStep } from '../core/plans/plan.ts';

type StepState =
  | 'waiting'
  | 'waiting for approval'
  | 'paused'
  | 'running'
  | 'done'
  | 'skipped'
  | 'failed'
  | 'cancelled'
  | 'rolled back';

type ShownStep = Pick<FrozenStep, 'number' | 'skill' | 'name'>;

export interface Progress {
  set(step: ShownStep, state: StepState): void;
  /** Sets the line above the steps; removes it if `line` is undefined. */
  setHeading(line?: string): void;
}

const SYMBOLS: Readonly<Record<StepState, string>> = {
  waiting: '◌',
  'waiting for approval': '⏳',
  paused: '⏸',
  running: '▶',
  done: '✓',
  skipped: '↷',
  failed: '✗',
  cancelled: '–',
  'rolled back': '↩',
};

/** Adds no event to the history: a query reads the details from the workflow. */
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
    setHeading(line) {
      heading = line === undefined ? [] : [line, ''];
      show();
    },
  };
}

function pauseHint(states: ReadonlyMap<number, StepState>): readonly string[] {
  const isPaused = [...states.values()].includes('paused');
  return isPaused ? ['⏸ Paused. `skillos debug` continues, skips, edits or aborts it', ''] : [];
}

function lineOf(step: ShownStep, states: ReadonlyMap<number, StepState>): string {
  const state = states.get(step.number) ?? 'waiting';
  return `- ${SYMBOLS[state]} step ${step.number} **${step.name}** \`${step.skill}\`: ${state}`;
}
