/** Prepares a run: checks and freezes the plan and evaluates the policies, from one snapshot and before any side effect. */
import { acceptsOf } from '../skills/accept-input.ts';
import { defaultsOf } from '../skills/input-defaults.ts';
import type { SkillEntry } from '../skills/catalog.ts';
import { canonicalJson, sha256 } from '../values/digest.ts';
import { expand } from '../skills/expand.ts';
import type { JsonValue } from '../json.ts';
import { mapPlan, stepsOf } from '../plans/plan.ts';
import type { RequestedStep, FrozenSkill, FrozenStep, Plan, Warning } from '../plans/plan.ts';
import { gatedSteps, inputsBySkill } from './plan-inputs.ts';
import { evaluatePolicies } from './policies.ts';
import type { PolicyInput, PolicySnapshot } from './policies.ts';
import { entryOf, refuse, refuseOrigin, rollbackEntriesOf, usedIn } from './request-checks.ts';
import type { Skills } from './request-checks.ts';
import type { Blocked, Failed, Ready, RunRequest } from '../runs/run.ts';
import type { SkillId } from '../values/skill-id.ts';
import { termsOf } from './terms.ts';

/** Input of `prepare` besides the request, read at one time. */
export interface Snapshot extends Skills, PolicySnapshot {
  /** Content hash of the frozen bundle, by skill. */
  readonly hashes: ReadonlyMap<SkillId, string>;
  readonly parallelLimit: number;
  /** True if signals, whose sender is not verified, may control steps. */
  readonly signals: boolean;
}

/** Pure. `payload` is the loaded value of `request.payload`. */
export function prepare(
  request: RunRequest,
  payload: JsonValue,
  snapshot: Snapshot,
): Ready | Blocked | Failed {
  const question = policyInputOf(request, payload, snapshot);
  if ('status' in question) return question;
  const { plan, entries } = question;
  const verdict = evaluatePolicies(question);
  if (verdict.kind === 'deny') {
    const { reason, policy, message } = verdict;
    return { status: 'blocked', reason, policy, message };
  }
  const digest = digestOf(plan, request);
  if (request.expectedDigest !== undefined && request.expectedDigest !== digest) return changed(digest);
  const gated = gatedSteps(request, plan, snapshot.approvalFile);
  return {
    status: 'ready',
    plan,
    digest,
    payload: request.payload,
    parallelLimit: snapshot.parallelLimit,
    warnings: entries.flatMap(warningsOf),
    signals: snapshot.signals,
    ...(verdict.kind === 'needs_approval' ? { approval: verdict.requirement } : {}),
    ...(gated.length === 0 ? {} : { gated }),
  };
}

/** Returns the frozen plan with all its skills as the input of the policies, or the failure of a check. */
export function policyInputOf(
  request: RunRequest,
  payload: JsonValue,
  snapshot: Snapshot,
): PolicyInput | Failed {
  const { plan: expanded, compositions } = expand(request.plan, snapshot.entries);
  const refusal = refuse(request.plan, payload, snapshot) ?? refuseOrigin({ ...request, plan: expanded });
  if (refusal !== undefined) return { status: 'error', failure: refusal };
  let number = 0;
  const plan = mapPlan(expanded, (step) => freeze(step, ++number, { request, snapshot }));
  const used = usedIn(expanded, snapshot);
  const entries = [...compositions.map((id) => entryOf(id, snapshot)), ...used];
  const rollbackEntries = rollbackEntriesOf(used, snapshot);
  const inputs = inputsBySkill({ request, payload, plan, compositions });
  return { request, payload: inputOf(request, payload), inputs, entries, rollbackEntries, plan, snapshot };
}

/** Returns the payload together with the payloads of single steps. */
function inputOf({ plan }: RunRequest, payload: JsonValue): JsonValue {
  const own = stepsOf(plan).flatMap((step) => (step.payload === undefined ? [] : [step.payload]));
  return own.length === 0 ? payload : [payload, ...own];
}

/** SHA-256 over code, limits and retries of each step, over all input, and over the absence of rollbacks. */
function digestOf(plan: Plan<FrozenStep>, { payload, origin, noRollback }: RunRequest): string {
  const outputs = origin?.outputs;
  return sha256(
    canonicalJson({
      plan,
      payload,
      ...(outputs && { outputs }),
      ...(noRollback && { noRollback }),
    } as unknown as JsonValue),
  );
}

function changed(digest: string): Failed {
  const message = `The plan has changed: its digest is now ${digest}`;
  return { status: 'error', failure: { code: 'plan_changed', message } };
}

function freeze(
  step: RequestedStep,
  number: number,
  from: { readonly request: RunRequest; readonly snapshot: Snapshot },
): FrozenStep {
  const { manifest, variant } = entryOf(step.skill, from.snapshot);
  return {
    number,
    ...freezeSkill(step.skill, from),
    ...(variant === undefined ? {} : { variant }),
    ...(step.payload === undefined ? {} : { payload: step.payload }),
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
  const defaults = defaultsOf(manifest.inputs);
  return {
    skill,
    hash: snapshot.hashes.get(skill) as string,
    accepts: acceptsOf(manifest.inputs),
    ...(defaults === undefined ? {} : { defaults }),
    ...(manifest.connectors.length === 0 ? {} : { connectors: manifest.connectors }),
    ...(manifest.secrets.length === 0 ? {} : { secrets: manifest.secrets }),
    ...termsOf(manifest, request),
  };
}

function warningsOf({ id, manifest }: SkillEntry): readonly Warning[] {
  if (!manifest.deprecated) return [];
  const instead = manifest.replacement_id ? `use ${manifest.replacement_id}` : manifest.deprecation_reason;
  return [{ code: 'deprecated_skill', skill: id, message: `Skill ${id} is deprecated; ${instead}` }];
}
