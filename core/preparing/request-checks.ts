/** Checks of a request before anything is frozen, reserved or started. */
import { acceptInput, acceptsOf } from '../skills/accept-input.ts';
import { exampleOf } from '../skills/example-value.ts';
import { defaultsOf } from '../skills/input-defaults.ts';
import type { SkillEntry } from '../skills/catalog.ts';
import { expand } from '../skills/expand.ts';
import type { JsonValue } from '../json.ts';
import { valueAt } from '../values/json-pointer.ts';
import { MAX_STEPS, firstStepsOf, stepsOf } from '../plans/plan.ts';
import type { RequestedStep, Plan } from '../plans/plan.ts';
import type { RunFailure, RunRequest } from '../runs/run.ts';
import type { SkillId } from '../values/skill-id.ts';

/** A violation of a JSON Schema. `path` is a JSON pointer, empty for the whole value; `message` is the expectation. */
export interface SchemaIssue {
  readonly path: string;
  readonly message: string;
}

/** The skills of a plan, and the validator for JSON Schemas. */
export interface Skills {
  /** Skills of the steps, skills of their compositions, and rollback skills of all of these. */
  readonly entries: ReadonlyMap<SkillId, SkillEntry>;
  readonly checkValue: (schema: JsonValue, value: JsonValue) => readonly SchemaIssue[];
}

/** Returns the first failure of the checks that need no frozen code, or undefined. */
export function refuse(
  plan: Plan<RequestedStep>,
  payload: JsonValue,
  skills: Skills,
): RunFailure | undefined {
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

function refuseUnknown(steps: readonly RequestedStep[], { entries }: Skills): RunFailure | undefined {
  const unknown = steps.find((step) => !entries.has(step.skill));
  if (unknown === undefined) return undefined;
  return { code: 'unknown_skill', message: `Unknown skill ${JSON.stringify(unknown.skill)}` };
}

function refuseRollback(steps: readonly RequestedStep[], skills: Skills): RunFailure | undefined {
  for (const { skill } of steps) {
    const { rollback } = entryOf(skill, skills).manifest;
    const rollbackEntry = rollback && skills.entries.get(rollback);
    if (rollback !== undefined && rollbackEntry === undefined) {
      const message = `Unknown skill ${JSON.stringify(rollback)}, which skill "${skill}" names as its rollback`;
      return { code: 'unknown_skill', message };
    }
    if (rollbackEntry?.composition !== undefined) {
      const message = `Skill "${skill}" names the composition "${rollback}" as its rollback: expected one with code`;
      return { code: 'composition_invalid', message };
    }
  }
  return undefined;
}

function refusePayload(
  plan: Plan<RequestedStep>,
  payload: JsonValue,
  skills: Skills,
): RunFailure | undefined {
  const first = firstStepsOf(plan).filter((step) => step.payload === undefined);
  return [...first.map(({ skill }) => ({ skill, payload })), ...givenIn(plan)]
    .map((given) => refuseInput(entryOf(given.skill, skills), given.payload, skills.checkValue))
    .find((refusal) => refusal !== undefined);
}

/** Payloads of single steps that are inline values. */
function givenIn(plan: Plan<RequestedStep>): readonly { skill: SkillId; payload: JsonValue }[] {
  return stepsOf(plan).flatMap(({ skill, payload }) =>
    payload !== undefined && 'value' in payload ? [{ skill, payload: payload.value }] : [],
  );
}

function refuseInput(
  entry: SkillEntry,
  payload: JsonValue,
  checkValue: Skills['checkValue'],
): RunFailure | undefined {
  const { inputs } = entry.manifest;
  if (inputs === undefined) return undefined;
  const accepts = acceptsOf(inputs);
  const value = acceptInput(accepts, payload, defaultsOf(inputs));
  const issue = checkValue(inputs, value)[0];
  if (issue === undefined) return undefined;
  const field = issue.path === '' ? 'payload' : `payload ${issue.path}`;
  const isText = accepts === 'json' && typeof value === 'string' && value === payload;
  const understood = isText ? 'text, not JSON' : kindOf(valueAt(value, issue.path));
  const message = `Invalid ${field} for skill "${entry.id}": ${issue.message}, got ${understood}`;
  return { code: 'input_invalid', message: `${message}${exampleFor(inputs, checkValue)}` };
}

/** The kind of a value, which messages name instead of the value. */
function kindOf(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  const kinds: Readonly<Record<string, string>> = { string: 'text', object: 'an object', number: 'a number' };
  return kinds[typeof value] ?? 'true or false';
}

/** Longest example in a message, in characters. */
const MAX_EXAMPLE = 500;

function exampleFor(inputs: JsonValue, checkValue: Skills['checkValue']): string {
  const example = exampleOf(inputs);
  if (example === undefined || checkValue(inputs, example).length > 0) return '';
  const text = JSON.stringify(example);
  return text.length > MAX_EXAMPLE ? '' : `; a valid one is ${text}`;
}

/** Returns a failure if a fork has no output for each step before its first. */
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

/** Distinct skills of the steps, in the order of the plan. */
export function usedIn(plan: Plan<RequestedStep>, skills: Skills): readonly SkillEntry[] {
  return [...new Set(stepsOf(plan).map((step) => step.skill))].map((id) => entryOf(id, skills));
}

/** Distinct rollback skills. */
export function rollbackEntriesOf(entries: readonly SkillEntry[], skills: Skills): readonly SkillEntry[] {
  return [...new Set(entries.flatMap(({ manifest }) => manifest.rollback ?? []))].map((id) =>
    entryOf(id, skills),
  );
}

export function entryOf(id: SkillId, skills: Skills): SkillEntry {
  return skills.entries.get(id) as SkillEntry; // refuse() has checked that it exists
}

/** Loads the JSON Schema validator on first use, because it is large. */
export type LoadSchemas = () => Promise<{
  /** Takes bounded time; returns no issue if the check would take longer. */
  readonly checkValue: Skills['checkValue'];
  /** For a process that serves one call. */
  readonly checkFully: Skills['checkValue'];
}>;
