/** The one place where everything about a run is decided, from one snapshot, before any side effect. */
import { acceptInput, acceptsOf } from './accept-input.ts';
import type { SkillEntry } from './catalog.ts';
import { canonicalJson, sha256 } from './digest.ts';
import type { JsonValue } from './json.ts';
import { MAX_STEPS, mapPlan, stepsOf } from './plan.ts';
import type { AskedStep, FrozenStep, Plan } from './plan.ts';
import { judge } from './policies.ts';
import type { PolicySnapshot } from './policies.ts';
import type { Prepared, RunFailure, RunRequest, Warning } from './run.ts';
import { isRepeatable, retryPolicyOf, timeoutMsOf } from './skill.ts';
import type { SkillId } from './skill-id.ts';

/** What is wrong with a value: where (JSON pointer, empty for the whole) and what the schema expects. */
export interface SchemaIssue {
  readonly path: string;
  readonly message: string;
}

/** The skills that a plan names, and how to check a value against a JSON Schema. */
export interface Skills {
  readonly entries: ReadonlyMap<SkillId, SkillEntry>;
  readonly checkValue: (schema: JsonValue, value: JsonValue) => readonly SchemaIssue[];
}

/** Everything that `prepare` may look at, read at once. */
export interface Snapshot extends Skills, PolicySnapshot {
  /** Content hash of each skill's frozen bundle. */
  readonly hashes: ReadonlyMap<SkillId, string>;
  readonly parallelLimit: number;
}

/** `payload` is the value that `request.payload` carries. */
export function prepare(request: RunRequest, payload: JsonValue, snapshot: Snapshot): Prepared {
  const refusal = refuse(request.plan, payload, snapshot);
  if (refusal !== undefined) return { status: 'error', failure: refusal };
  const entries = usedIn(request.plan, snapshot);
  const verdict = judge({ request, entries, snapshot });
  if (verdict.kind === 'deny') {
    const { reason, policy, message } = verdict;
    return { status: 'blocked', reason, policy, message };
  }
  let number = 0;
  const plan = mapPlan(request.plan, (asked) => freeze(asked, ++number, { request, snapshot }));
  return {
    status: 'ready',
    plan,
    digest: sha256(canonicalJson({ plan, payload: request.payload } as unknown as JsonValue)),
    payload: request.payload,
    parallelLimit: snapshot.parallelLimit,
    warnings: entries.flatMap(warningsOf),
  };
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
  const unknown = steps.find((step) => !skills.entries.has(step.skill));
  if (unknown !== undefined) {
    return { code: 'unknown_skill', message: `Unknown skill ${JSON.stringify(unknown.skill)}` };
  }
  return firstOf(plan)
    .map((step) => refuseInput(skills.entries.get(step.skill) as SkillEntry, payload, skills.checkValue))
    .find((refusal) => refusal !== undefined);
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

function freeze(
  asked: AskedStep,
  number: number,
  from: { readonly request: RunRequest; readonly snapshot: Snapshot },
): FrozenStep {
  const { manifest } = from.snapshot.entries.get(asked.skill) as SkillEntry; // refuse() saw that it is there
  return {
    number,
    skill: asked.skill,
    name: manifest.name,
    hash: from.snapshot.hashes.get(asked.skill) as string,
    accepts: acceptsOf(manifest.inputs),
    ...(asked.payload === undefined ? {} : { payload: asked.payload }),
    timeoutMs: timeoutMsOf(manifest),
    retry: retryPolicyOf(manifest, from.request.maxRetries),
    repeatable: isRepeatable(manifest.side_effects, manifest.idempotent),
  };
}

/** Each skill once, in the order of the plan. */
function usedIn(plan: Plan<AskedStep>, skills: Skills): readonly SkillEntry[] {
  const used = [...new Set(stepsOf(plan).map((step) => step.skill))];
  return used.map((id) => skills.entries.get(id) as SkillEntry); // refuse() saw that it is there
}

function warningsOf({ id, manifest }: SkillEntry): readonly Warning[] {
  if (!manifest.deprecated) return [];
  const instead = manifest.replacement_id ? `use ${manifest.replacement_id}` : manifest.deprecation_reason;
  return [{ code: 'deprecated_skill', skill: id, message: `Skill ${id} is deprecated; ${instead}` }];
}
