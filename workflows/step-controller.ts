/** Pauses a run before a step until a command arrives, by Update from clients or by signal from the Web UI. */
import {
  condition,
  defineSignal,
  defineUpdate,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { Carried } from '../core/values/carried.ts';
import type { JsonValue } from '../core/json.ts';
import type { FrozenSkill, FrozenStep } from '../core/plans/plan.ts';
import type { RunRequest } from '../core/runs/run.ts';
import type { StepCommand } from '../core/runs/step-command.ts';
import { firstChanged } from '../core/runs/step-command.ts';
import type { SkillId } from '../core/values/skill-id.ts';
import { gatesWithSummary } from './activities.ts';
import { stateAttributes } from './attributes.ts';
import { refusal } from './failures.ts';
import { STEP_SIGNALS, STEP_UPDATE } from './messages.ts';

/** The command that ended a pause, and the input to continue with. */
export interface PauseResult {
  readonly command: 'next' | 'skip' | 'abort';
  readonly input: Carried;
  /** The command that replaced the input, or the fact that a signal did. */
  readonly edit?: StepCommand | 'signal';
}

/** A step of the plan as far as commands concern it. */
type PlannedStep = Pick<FrozenStep, 'number' | 'skill'> & {
  readonly rollback?: Pick<FrozenSkill, 'skill'>;
};

interface PausedStep {
  readonly step: FrozenStep;
  input: Carried;
  edit?: StepCommand | 'signal';
  command?: PauseResult['command'];
}

const stepUpdate = defineUpdate<void, [StepCommand]>(STEP_UPDATE);

export class StepController {
  readonly #request: RunRequest;
  readonly #breakpoints = new Set<number>();
  readonly #begun = new Set<number>();
  /** The paused members of a group; commands apply to the first. */
  readonly #paused: PausedStep[] = [];
  #isStepping: boolean;
  #steps: readonly PlannedStep[] | undefined;
  /** Ids of admitted commands; each counts once. */
  readonly #admitted = new Set<string>();
  #acceptsSignals = false;

  constructor(request: RunRequest) {
    this.#request = request;
    this.#isStepping = request.stepThrough ?? false;
    setHandler(stepUpdate, (command) => this.#receive(command), {
      description: `Control a paused run, as skillos debug does: ${COMMAND_RULE}`,
      validator: (command) => this.#validate(command),
    });
    for (const command of STEP_SIGNALS) {
      setHandler(defineSignal<[JsonValue?]>(command), (value) => this.#signalled(command, value), {
        description: DESCRIPTIONS[command],
      });
    }
  }

  /** Until this is called, any breakpoint is accepted and no signal is. */
  setPlan(steps: readonly PlannedStep[], acceptsSignals: boolean): void {
    this.#steps = steps;
    this.#acceptsSignals = acceptsSignals;
  }

  pausesBefore(number: number): boolean {
    return this.#isStepping || this.#breakpoints.has(number);
  }

  markBegun(number: number): void {
    this.#begun.add(number);
  }

  /** Takes `markBegun` back: the activity of the step was deferred. */
  markDeferred(number: number): void {
    this.#begun.delete(number);
  }

  async pause(step: FrozenStep, input: Carried): Promise<PauseResult> {
    const here: PausedStep = { step, input };
    if (this.#paused.push(here) === 1) upsertSearchAttributes(stateAttributes('paused'));
    try {
      await condition(() => this.#paused[0] === here);
      while (here.command === undefined) {
        const shown = here.input;
        const { mark } = gatesWithSummary(`paused before step ${step.number} • ${step.name}`);
        await mark(this.#request, { step: step.number, skill: step.skill, input: shown });
        await condition(() => here.command !== undefined || here.input !== shown);
      }
    } finally {
      this.#paused.splice(this.#paused.indexOf(here), 1);
    }
    if (this.#paused.length === 0) {
      upsertSearchAttributes(stateAttributes('running'));
      await gatesWithSummary('continues').mark(this.#request, 'running');
    }
    const { command, edit } = here;
    return { command, input: here.input, ...(edit === undefined ? {} : { edit }) };
  }

  #validate(command: StepCommand): void {
    if (!isStepCommand(command)) throw refusal('usage', `Expected ${COMMAND_RULE}`);
    if (command.command === 'break') this.#validateBreak(command.step);
    else if (this.#paused.length === 0) {
      throw refusal('run_not_paused', 'The run is not paused before a step');
    }
  }

  #validateBreak(step: number): void {
    const count = this.#steps?.length;
    if (!Number.isInteger(step) || step < 1 || (count !== undefined && step > count)) {
      throw refusal('unknown_step', `Unknown step ${step}: the plan has steps 1 to ${count ?? 500}`);
    }
    if (this.#begun.has(step)) throw refusal('step_finished', `Step ${step} has begun already`);
  }

  /** A command of an unsigned run applies at once; one of a signed run must be admitted first. */
  #receive(command: StepCommand): void | Promise<void> {
    return this.#request.signature === undefined ? this.#apply(command) : this.#admit(command);
  }

  async #admit(command: StepCommand): Promise<void> {
    const paused = this.#paused[0]?.step.number;
    const offer = {
      command,
      ...(paused === undefined ? {} : { paused }),
      skills: paused === undefined ? [] : this.#skillsAfter(command, paused),
    };
    const answer = await gatesWithSummary(`command ${command.command}`).admit(this.#request, offer);
    if (!answer.isAdmitted) throw refusal(answer.code, answer.reason);
    const id = command.sent?.id ?? '';
    if (this.#admitted.has(id)) throw refusal('run_replayed', 'The command has been sent before');
    this.#validate(command);
    if (paused !== this.#paused[0]?.step.number) {
      throw refusal('run_not_paused', 'The run has left the pause that the command is about');
    }
    this.#admitted.add(id);
    this.#apply(command);
  }

  /** The skills, with their rollbacks, of the steps that run with what the command changes. */
  #skillsAfter(command: StepCommand, paused: number): readonly SkillId[] {
    const first = firstChanged(command, paused);
    const changed = (this.#steps ?? []).filter(({ number }) => number >= first);
    return [...new Set(changed.flatMap(({ skill, rollback }) => [skill, rollback?.skill ?? skill]))];
  }

  #apply(command: StepCommand, via: 'update' | 'signal' = 'update'): void {
    const [first] = this.#paused;
    switch (command.command) {
      case 'break':
        this.#breakpoints.add(command.step);
        return;
      case 'continue':
        this.#isStepping = false;
        for (const paused of this.#paused) paused.command ??= 'next';
        return;
      case 'edit':
        if (first === undefined) return;
        first.input = command.input;
        first.edit = via === 'signal' ? 'signal' : command;
        return;
      case 'next':
      case 'skip':
      case 'abort':
        if (first !== undefined) first.command = command.command;
    }
  }

  /** The sender of a signal is unknown, so signals count only if the run accepts them; one that does not apply is ignored. */
  #signalled(command: (typeof STEP_SIGNALS)[number], value: JsonValue | undefined): void {
    if (!this.#acceptsSignals) return;
    if (command !== 'edit') this.#apply({ command }, 'signal');
    else if (value !== undefined) this.#apply({ command, input: { value } }, 'signal');
  }
}

const COMMAND_RULE =
  '{"command": "next"}, or continue, skip, abort; {"command": "edit", "input": {"value": <JSON>}}; {"command": "break", "step": 2}';

/** Checks what a client of Temporal sent, which may be anything. */
function isStepCommand(given: unknown): given is StepCommand {
  const { command, input } = (given ?? {}) as { readonly command?: unknown; readonly input?: unknown };
  if (command !== 'edit') return ORDERS.includes(command as (typeof ORDERS)[number]);
  return typeof input === 'object' && input !== null && CARRIED.some((key) => Object.hasOwn(input, key));
}

const ORDERS = ['next', 'continue', 'skip', 'abort', 'break'] as const;
const CARRIED = ['value', 'ref', 'parts'] as const;

const DESCRIPTIONS: Readonly<Record<(typeof STEP_SIGNALS)[number], string>> = {
  next: 'Run the step that the run is paused before',
  continue: 'Continue without further pauses',
  skip: 'Skip the step and pass its input on',
  abort: 'Cancel the run',
  edit: 'Replace the input of the paused step; takes the new input as JSON',
};
