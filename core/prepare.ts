/** The one place where everything about a run is decided, from one snapshot, before any side effect. */
import { acceptsOf } from './accept-input.ts';
import type { SkillEntry } from './catalog.ts';
import { canonicalJson, sha256 } from './digest.ts';
import { expand } from './expand.ts';
import type { JsonValue } from './json.ts';
import { mapPlan, stepsOf } from './plan.ts';
import type { AskedStep, FrozenSkill, FrozenStep, Plan } from './plan.ts';
import { judge } from './policies.ts';
import type { PolicyQuestion, PolicySnapshot } from './policies.ts';
import { entryOf, refuse, refuseOrigin, undoersOf, usedIn } from './refuse.ts';
import type { Skills } from './refuse.ts';
import type { Failed, Prepared, RunRequest, Warning } from './run.ts';
import type { SkillId } from './skill-id.ts';
import { termsOf } from './terms.ts';

/** Everything that `prepare` may look at, read at once. */
export interface Snapshot extends Skills, PolicySnapshot {
  /** Content hash of each skill's frozen bundle. */
  readonly hashes: ReadonlyMap<SkillId, string>;
  readonly parallelLimit: number;
}

/** `payload` is the value that `request.payload` carries. */
export function prepare(request: RunRequest, payload: JsonValue, snapshot: Snapshot): Prepared {
  const question = questionOf(request, payload, snapshot);
  if ('status' in question) return question;
  const { plan, entries } = question;
  const verdict = judge(question);
  if (verdict.kind === 'deny') {
    const { reason, policy, message } = verdict;
    return { status: 'blocked', reason, policy, message };
  }
  const digest = digestOf(plan, request);
  if (request.expectedDigest !== undefined && request.expectedDigest !== digest) return changed(digest);
  return {
    status: 'ready',
    plan,
    digest,
    payload: request.payload,
    parallelLimit: snapshot.parallelLimit,
    warnings: entries.flatMap(warningsOf),
    signals: !snapshot.production,
    ...(verdict.kind === 'needs_approval' ? { approval: verdict.requirement } : {}),
  };
}

/** What the policies are asked: the plan, frozen, with all skills that belong to it; or what is wrong with the request. */
export function questionOf(
  request: RunRequest,
  payload: JsonValue,
  snapshot: Snapshot,
): PolicyQuestion | Failed {
  const { plan: asked, compositions } = expand(request.plan, snapshot.entries);
  const refusal = refuse(request.plan, payload, snapshot) ?? refuseOrigin({ ...request, plan: asked });
  if (refusal !== undefined) return { status: 'error', failure: refusal };
  let number = 0;
  const plan = mapPlan(asked, (step) => freeze(step, ++number, { request, snapshot }));
  const used = usedIn(asked, snapshot);
  const entries = [...compositions.map((id) => entryOf(id, snapshot)), ...used];
  const undoers = undoersOf(used, snapshot);
  return { request, payload: inputOf(request, payload), entries, undoers, plan, snapshot };
}

/** All that the caller says goes in: the payload, and those of single steps. */
function inputOf({ plan }: RunRequest, payload: JsonValue): JsonValue {
  const own = stepsOf(plan).flatMap((step) => (step.payload === undefined ? [] : [step.payload]));
  return own.length === 0 ? payload : [payload, ...own];
}

/** Over everything that decides what would run: code, limits and retries of every step, and what goes in. */
function digestOf(plan: Plan<FrozenStep>, { payload, origin }: RunRequest): string {
  const outputs = origin?.outputs;
  return sha256(canonicalJson({ plan, payload, ...(outputs && { outputs }) } as unknown as JsonValue));
}

function changed(digest: string): Prepared {
  const message = `The plan has changed since it was made: its digest is ${digest} now`;
  return { status: 'error', failure: { code: 'plan_changed', message } };
}

function freeze(
  asked: AskedStep,
  number: number,
  from: { readonly request: RunRequest; readonly snapshot: Snapshot },
): FrozenStep {
  const { manifest } = entryOf(asked.skill, from.snapshot);
  return {
    number,
    ...freezeSkill(asked.skill, from),
    ...(asked.payload === undefined ? {} : { payload: asked.payload }),
    sideEffects: manifest.side_effects,
    ...(manifest.cost === undefined ? {} : { cost: manifest.cost }),
    ...(manifest.rollback === undefined ? {} : { rollback: freezeSkill(manifest.rollback, from) }),
  };
}

function freezeSkill(
  skill: SkillId,
  { request, snapshot }: { readonly request: RunRequest; readonly snapshot: Snapshot },
): FrozenSkill {
  const { manifest } = entryOf(skill, snapshot);
  return {
    skill,
    hash: snapshot.hashes.get(skill) as string,
    accepts: acceptsOf(manifest.inputs),
    ...termsOf(manifest, request.maxRetries),
  };
}

function warningsOf({ id, manifest }: SkillEntry): readonly Warning[] {
  if (!manifest.deprecated) return [];
  const instead = manifest.replacement_id ? `use ${manifest.replacement_id}` : manifest.deprecation_reason;
  return [{ code: 'deprecated_skill', skill: id, message: `Skill ${id} is deprecated; ${instead}` }];
}
