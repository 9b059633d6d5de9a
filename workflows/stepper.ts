/** Stepping through a run: it pauses before a step, and goes on when it is told how. */
import {
  condition,
  defineSignal,
  defineUpdate,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { Carried } from '../core/carried.ts';
import type { JsonValue } from '../core/json.ts';
import type { FrozenStep } from '../core/plan.ts';
import type { RunRequest } from '../core/run.ts';
import { gatesSaying } from './activities.ts';
import { stateAttributes } from './attributes.ts';
import { refusal } from './failures.ts';
import { STEP_SIGNALS, STEP_UPDATE } from './messages.ts';
import type { StepCommand } from './messages.ts';

/** How a pause ended. */
export interface Order {
  readonly command: 'next' | 'skip' | 'abort';
  readonly input: Carried;
  readonly isEdited: boolean;
}

interface Pausing {
  readonly step: FrozenStep;
  input: Carried;
  isEdited: boolean;
  command?: Order['command'];
}

const stepUpdate = defineUpdate<void, [StepCommand]>(STEP_UPDATE);

export class Stepper {
  readonly #request: RunRequest;
  readonly #breakpoints = new Set<number>();
  readonly #begun = new Set<number>();
  /** Members of a group wait in line: commands are for the first. */
  readonly #line: Pausing[] = [];
  #isStepping: boolean;
  #stepCount: number | undefined;
  #takesSignals = false;

  constructor(request: RunRequest) {
    this.#request = request;
    this.#isStepping = request.stepThrough ?? false;
    setHandler(stepUpdate, (command) => this.#obey(command), {
      description: `Steer a paused run, as skillos debug does: ${COMMAND_RULE}`,
      validator: (command) => this.#validate(command),
    });
    for (const command of STEP_SIGNALS) {
      setHandler(defineSignal<[JsonValue?]>(command), (value) => this.#signalled(command, value), {
        description: DESCRIPTIONS[command],
      });
    }
  }

  /** Before a plan is known any breakpoint is taken, and no signal. */
  know(stepCount: number, takesSignals: boolean): void {
    this.#stepCount = stepCount;
    this.#takesSignals = takesSignals;
  }

  stopsBefore(number: number): boolean {
    return this.#isStepping || this.#breakpoints.has(number);
  }

  began(number: number): void {
    this.#begun.add(number);
  }

  /** The step has not begun after all. */
  heldBack(number: number): void {
    this.#begun.delete(number);
  }

  async pause(step: FrozenStep, input: Carried): Promise<Order> {
    const here: Pausing = { step, input, isEdited: false };
    if (this.#line.push(here) === 1) upsertSearchAttributes(stateAttributes('paused'));
    try {
      await condition(() => this.#line[0] === here);
      while (here.command === undefined) {
        const shown = here.input;
        const { mark } = gatesSaying(`paused before step ${step.number} • ${step.name}`);
        await mark(this.#request, { step: step.number, skill: step.skill, input: shown });
        await condition(() => here.command !== undefined || here.input !== shown);
      }
    } finally {
      this.#line.splice(this.#line.indexOf(here), 1);
    }
    if (this.#line.length === 0) {
      upsertSearchAttributes(stateAttributes('running'));
      await gatesSaying('goes on').mark(this.#request, 'running');
    }
    return { command: here.command, input: here.input, isEdited: here.isEdited };
  }

  #validate(command: StepCommand): void {
    if (!isStepCommand(command)) throw refusal('usage', `Expected ${COMMAND_RULE}`);
    if (command.command === 'break') this.#validateBreak(command.step);
    else if (this.#line.length === 0) {
      throw refusal('run_not_paused', 'The run is not paused before a step');
    }
  }

  #validateBreak(step: number): void {
    const count = this.#stepCount;
    if (!Number.isInteger(step) || step < 1 || (count !== undefined && step > count)) {
      throw refusal('unknown_step', `Unknown step ${step}: the plan has steps 1 to ${count ?? 500}`);
    }
    if (this.#begun.has(step)) throw refusal('step_finished', `Step ${step} has begun already`);
  }

  #obey(order: StepCommand): void {
    const [first] = this.#line;
    switch (order.command) {
      case 'break':
        this.#breakpoints.add(order.step);
        return;
      case 'continue':
        this.#isStepping = false;
        for (const pausing of this.#line) pausing.command ??= 'next';
        return;
      case 'edit':
        if (first === undefined) return;
        first.input = order.input;
        first.isEdited = true;
        return;
      case 'next':
      case 'skip':
      case 'abort':
        if (first !== undefined) first.command = order.command;
    }
  }

  /** Its sender is unknown, so it counts only where that is allowed; one that fits nothing is no mistake of the run's. */
  #signalled(command: (typeof STEP_SIGNALS)[number], value: JsonValue | undefined): void {
    if (!this.#takesSignals) return;
    if (command !== 'edit') this.#obey({ command });
    else if (value !== undefined) this.#obey({ command, input: { value } });
  }
}

const COMMAND_RULE =
  '{"command": "next"}, or continue, skip, abort; {"command": "edit", "input": {"value": <JSON>}}; {"command": "break", "step": 2}';

/** Whoever reaches Temporal may send what it likes. */
function isStepCommand(given: unknown): given is StepCommand {
  const { command, input } = (given ?? {}) as { readonly command?: unknown; readonly input?: unknown };
  if (command !== 'edit') return ORDERS.includes(command as (typeof ORDERS)[number]);
  return typeof input === 'object' && input !== null && CARRIED.some((key) => Object.hasOwn(input, key));
}

const ORDERS = ['next', 'continue', 'skip', 'abort', 'break'] as const;
const CARRIED = ['value', 'ref', 'parts'] as const;

const DESCRIPTIONS: Readonly<Record<(typeof STEP_SIGNALS)[number], string>> = {
  next: 'Run the step that the run is paused before',
  continue: 'Run on without further pauses',
  skip: 'Leave the step out and hand its input on',
  abort: 'Cancel the run',
  edit: 'Replace the input of the paused step; takes the new input as JSON',
};
