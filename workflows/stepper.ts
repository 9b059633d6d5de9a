/** Stepping through a run: it pauses before a step, and goes on when it is told how. */
import { condition, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import type { Carried } from '../core/carried.ts';
import type { JsonValue } from '../core/json.ts';
import type { FrozenStep } from '../core/plan.ts';
import type { RunRequest } from '../core/run.ts';
import { gates } from './activities.ts';
import { refusal } from './failures.ts';
import { STEP_SIGNALS, STEP_UPDATE } from './messages.ts';
import type { StepCommand } from './messages.ts';

/** How a pause ended. */
export interface Order {
  readonly command: 'next' | 'skip' | 'abort';
  readonly input: Carried;
  readonly isEdited: boolean;
}

export interface Stepper {
  /** Before a plan is known only breakpoints are taken. */
  know(steps: readonly FrozenStep[], takesSignals: boolean): void;
  stopsBefore(step: FrozenStep): boolean;
  /** Members of a group wait in line: commands are for the first. */
  pause(step: FrozenStep, input: Carried): Promise<Order>;
  began(step: FrozenStep): void;
}

interface Pausing {
  readonly step: FrozenStep;
  input: Carried;
  isEdited: boolean;
  command?: Order['command'];
}

const stepUpdate = defineUpdate<void, [StepCommand]>(STEP_UPDATE);

export function openStepper(request: RunRequest): Stepper {
  let isStepping = request.stepThrough ?? false;
  let known: { readonly steps: readonly FrozenStep[]; readonly takesSignals: boolean } | undefined;
  const breakpoints = new Set<number>();
  const begun = new Set<number>();
  const line: Pausing[] = [];

  setHandler(stepUpdate, obey, {
    description:
      'Steer a paused run: {"command": "next | continue | skip | abort | edit | break"}; see skillos debug',
    validator: validate,
  });
  for (const command of STEP_SIGNALS) {
    setHandler(defineSignal<[JsonValue?]>(command), (value) => signalled(command, value), {
      description: DESCRIPTIONS[command],
    });
  }
  return { know, stopsBefore, pause, began };

  function know(steps: readonly FrozenStep[], takesSignals: boolean): void {
    known = { steps, takesSignals };
  }

  function stopsBefore({ number }: FrozenStep): boolean {
    return isStepping || breakpoints.has(number);
  }

  function began({ number }: FrozenStep): void {
    begun.add(number);
  }

  async function pause(step: FrozenStep, input: Carried): Promise<Order> {
    const here: Pausing = { step, input, isEdited: false };
    line.push(here);
    try {
      await condition(() => line[0] === here);
      while (here.command === undefined) {
        const shown = here.input;
        await gates.mark(request, { step: step.number, skill: step.skill, input: shown });
        await condition(() => here.command !== undefined || here.input !== shown);
      }
    } finally {
      line.splice(line.indexOf(here), 1);
    }
    if (line.length === 0) await gates.mark(request, 'running');
    return { command: here.command, input: here.input, isEdited: here.isEdited };
  }

  function validate(command: StepCommand): void {
    if (command.command === 'break') return validateBreak(command.step);
    if (line.length === 0) throw refusal('run_not_paused', 'The run is not paused before a step');
  }

  function validateBreak(number: number): void {
    const steps = known?.steps.length;
    if (!Number.isInteger(number) || number < 1 || (steps !== undefined && number > steps)) {
      throw refusal(
        'unknown_step',
        `Unknown step ${number}: the plan has steps 1 to ${steps ?? 'as yet unknown'}`,
      );
    }
    if (begun.has(number)) throw refusal('step_finished', `Step ${number} has begun already`);
  }

  function obey(order: StepCommand): void {
    const [first] = line;
    switch (order.command) {
      case 'break':
        breakpoints.add(order.step);
        return;
      case 'continue':
        isStepping = false;
        for (const pausing of line) pausing.command ??= 'next';
        return;
      case 'edit':
        if (first === undefined) return;
        first.input = order.input;
        first.isEdited = true;
        return;
      default:
        if (first !== undefined) first.command = order.command;
    }
  }

  /** Its sender is unknown, so it counts only where that is allowed; one that fits nothing is no mistake of the run's. */
  function signalled(command: (typeof STEP_SIGNALS)[number], value: JsonValue | undefined): void {
    if (known?.takesSignals !== true) return;
    if (command !== 'edit') obey({ command });
    else if (value !== undefined) obey({ command, input: { value } });
  }
}

const DESCRIPTIONS: Readonly<Record<(typeof STEP_SIGNALS)[number], string>> = {
  next: 'Run the step that the run is paused before',
  continue: 'Run on without further pauses',
  skip: 'Leave the step out and hand its input on',
  abort: 'Cancel the run',
  edit: 'Replace the input of the paused step; takes the new input as JSON',
};
