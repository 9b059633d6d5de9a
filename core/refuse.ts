/** Mistakes in what was asked, told before anything is frozen, held or started. */
import { acceptInput, acceptsOf } from './accept-input.ts';
import type { SkillEntry } from './catalog.ts';
import { expand } from './expand.ts';
import type { JsonValue } from './json.ts';
import { MAX_STEPS, stepsOf } from './plan.ts';
import type { AskedStep, Plan } from './plan.ts';
import type { RunFailure, RunRequest } from './run.ts';
import type { SkillId } from './skill-id.ts';

/** What is wrong with a value: where (JSON pointer, empty for the whole) and what the schema expects. */
export interface SchemaIssue {
  readonly path: string;
  readonly message: string;
}

/** The skills that a plan needs, and how to check a value against a JSON Schema. */
export interface Skills {
  /** Those that its steps name, what compositions among them are made of, and those that these name as their rollback. */
  readonly entries: ReadonlyMap<SkillId, SkillEntry>;
  readonly checkValue: (schema: JsonValue, value: JsonValue) => readonly SchemaIssue[];
}

/** The checks that need no frozen code, so that a caller hears of a mistake before anything is started. */
export function refuse(plan: Plan<AskedStep>, payload: JsonValue, skills: Skills): RunFailure | undefined {
  const steps = stepsOf(plan);
  if (steps.length > MAX_STEPS) {
    return {
      code: 'plan_too_large',
      message: `Plan of ${steps.length} steps: expected at most ${MAX_STEPS}`,
    };
  }
  const { plan: whole, failure } = expand(plan, skills.entries);
  return (
    refuseUnknown(steps, skills) ??
    failure ??
    refuseUnknown(stepsOf(whole), skills) ??
    refuseRollback(stepsOf(whole), skills) ??
    refusePayload(plan, payload, skills) ??
    refusePayload(whole, payload, skills)
  );
}

function refuseUnknown(steps: readonly AskedStep[], { entries }: Skills): RunFailure | undefined {
  const unknown = steps.find((step) => !entries.has(step.skill));
  if (unknown === undefined) return undefined;
  return { code: 'unknown_skill', message: `Unknown skill ${JSON.stringify(unknown.skill)}` };
}

function refuseRollback(steps: readonly AskedStep[], skills: Skills): RunFailure | undefined {
  for (const { skill } of steps) {
    const { rollback } = entryOf(skill, skills).manifest;
    const undoer = rollback && skills.entries.get(rollback);
    if (rollback !== undefined && undoer === undefined) {
      const message = `Unknown skill ${JSON.stringify(rollback)}, which skill "${skill}" names as its rollback`;
      return { code: 'unknown_skill', message };
    }
    if (undoer?.composition !== undefined) {
      const message = `Skill "${skill}" names the composition "${rollback}" as its rollback: expected one with code`;
      return { code: 'composition_invalid', message };
    }
  }
  return undefined;
}

function refusePayload(plan: Plan<AskedStep>, payload: JsonValue, skills: Skills): RunFailure | undefined {
  return [...firstOf(plan).map(({ skill }) => ({ skill, payload })), ...givenIn(plan)]
    .map((given) => refuseInput(entryOf(given.skill, skills), given.payload, skills.checkValue))
    .find((refusal) => refusal !== undefined);
}

/** The payloads of their own that steps have, as far as they are at hand. */
function givenIn(plan: Plan<AskedStep>): readonly { skill: SkillId; payload: JsonValue }[] {
  return stepsOf(plan).flatMap(({ skill, payload }) =>
    payload !== undefined && 'value' in payload ? [{ skill, payload: payload.value }] : [],
  );
}

/** The steps that take the payload of the run itself. */
function firstOf(plan: Plan<AskedStep>): readonly AskedStep[] {
  if (plan.kind === 'step') return plan.step.payload === undefined ? [plan.step] : [];
  if (plan.kind === 'parallel') return plan.plans.flatMap(firstOf);
  return plan.plans.slice(0, 1).flatMap(firstOf);
}

function refuseInput(
  entry: SkillEntry,
  payload: JsonValue,
  checkValue: Skills['checkValue'],
): RunFailure | undefined {
  const { inputs } = entry.manifest;
  if (inputs === undefined) return undefined;
  const issue = checkValue(inputs, acceptInput(acceptsOf(inputs), payload))[0];
  if (issue === undefined) return undefined;
  const field = issue.path === '' ? 'payload' : `payload ${issue.path}`;
  return { code: 'input_invalid', message: `Invalid ${field} for skill "${entry.id}": ${issue.message}` };
}

/** A fork takes all that comes before its first step from the run it repeats. */
export function refuseOrigin({ plan, origin }: Pick<RunRequest, 'plan' | 'origin'>): RunFailure | undefined {
  if (origin === undefined) return undefined;
  const steps = stepsOf(plan);
  if (origin.from < 1 || origin.from > steps.length) {
    return {
      code: 'unknown_step',
      message: `Unknown step ${origin.from}: the plan has steps 1 to ${steps.length}`,
    };
  }
  const given = new Set(origin.outputs.map(({ step }) => step));
  const missing = steps.findIndex((_, index) => index + 1 < origin.from && !given.has(index + 1));
  if (missing === -1) return undefined;
  return { code: 'step_not_run', message: `Step ${missing + 1} of run "${origin.runId}" has no output` };
}

/** The skills of the steps, each once, in the order of the plan. */
export function usedIn(plan: Plan<AskedStep>, skills: Skills): readonly SkillEntry[] {
  return [...new Set(stepsOf(plan).map((step) => step.skill))].map((id) => entryOf(id, skills));
}

/** The skills that would undo what others do, each once. */
export function undoersOf(entries: readonly SkillEntry[], skills: Skills): readonly SkillEntry[] {
  return [...new Set(entries.flatMap(({ manifest }) => manifest.rollback ?? []))].map((id) =>
    entryOf(id, skills),
  );
}

export function entryOf(id: SkillId, skills: Skills): SkillEntry {
  return skills.entries.get(id) as SkillEntry; // refuse() saw that it is there
}
