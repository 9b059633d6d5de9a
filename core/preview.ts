/** What a run would do, told before it does anything: for a dry run, and for the plan file that one leaves behind. */
import { approverLists } from './approval.ts';
import type { ApprovalRequirement } from './approval.ts';
import { inUnits } from './amount.ts';
import type { ModelTier } from './budget.ts';
import { canonicalJson, sha256 } from './digest.ts';
import type { JsonValue } from './json.ts';
import { stepsFrom, stepsOf } from './plan.ts';
import type { FrozenStep, Plan, SideEffects } from './plan.ts';
import type { Ready, RunRequest } from './run.ts';
import type { Snapshot } from './prepare.ts';

export interface Preview {
  readonly prepared: Ready;
  /** What the payload carries. */
  readonly payload: JsonValue;
  readonly snapshot: Snapshot;
  readonly tier: ModelTier;
  /** Of a step without a cost of its own, in 1/10,000. */
  readonly stepCost: number;
}

/** Where a step's input comes from: what was asked, or what the steps of these numbers put out. */
type Source = 'asked' | readonly number[];

export type PreviewStep = {
  readonly id: number;
  readonly skill: string;
  readonly name: string;
  readonly hash: string;
  readonly status: 'planned';
  readonly side_effects: SideEffects;
  /** What goes in, where it is known before anything has run. */
  readonly input?: JsonValue;
  /** Numbers of the steps whose output goes in. */
  readonly input_from?: readonly number[];
  /** By name. */
  readonly secrets?: readonly string[];
  readonly connectors?: readonly string[];
  /** The skill that would undo the step. */
  readonly rollback?: string;
  readonly cost: number;
};

export type PreviewDocument = {
  readonly schema: 'skillos.run/v1';
  readonly status: 'dry_run';
  readonly skill: string;
  readonly plan_digest: string;
  /** As the predecessor told it. */
  readonly preview: { readonly plan_id: string; readonly affected_entities: readonly string[] };
  readonly steps: readonly PreviewStep[];
  readonly approval?: {
    readonly policy: string;
    readonly reasons: readonly string[];
    readonly approvers: readonly (readonly string[])[];
    readonly needed: number;
    readonly allow_self: boolean;
    readonly token_required: boolean;
  };
  readonly cost: number;
  readonly tier: ModelTier;
  readonly warnings?: readonly string[];
};

/** As `skillos.run/v1` with status `dry_run`; `preview` has the predecessor's fields. */
export function previewDocument(preview: Preview, request: Pick<RunRequest, 'origin'>): PreviewDocument {
  const { prepared, stepCost, tier } = preview;
  const { plan, digest, approval, warnings } = prepared;
  const sources = sourcesOf(plan);
  const paid = new Set(stepsFrom(plan, request.origin?.from));
  const costs = [...paid].map(({ cost = stepCost }) => cost);
  return {
    schema: 'skillos.run/v1',
    status: 'dry_run',
    skill: skillOf(plan),
    plan_digest: digest,
    preview: { plan_id: digest, affected_entities: [...new Set(stepsOf(plan).map(({ skill }) => skill))] },
    steps: stepsOf(plan).map((step) =>
      stepDocument(step, preview, {
        ...inputOf(step, sources.get(step.number) as Source, preview.payload),
        cost: paid.has(step) ? inUnits(step.cost ?? stepCost) : 0,
      }),
    ),
    ...(approval === undefined ? {} : { approval: approvalPreview(approval) }),
    cost: inUnits(costs.reduce((sum, cost) => sum + cost, 0)),
    tier,
    ...(warnings.length === 0 ? {} : { warnings: warnings.map(({ message }) => message) }),
  };
}

function skillOf(plan: Plan<FrozenStep>): string {
  const [first, ...others] = stepsOf(plan);
  return first !== undefined && others.length === 0 ? first.skill : 'pipeline';
}

function stepDocument(
  step: FrozenStep,
  { snapshot }: Preview,
  more: Pick<PreviewStep, 'input' | 'input_from' | 'cost'>,
): PreviewStep {
  const { number: id, skill, name, hash, sideEffects = 'write', rollback } = step;
  const manifest = snapshot.entries.get(skill)?.manifest;
  const { secrets = [], connectors = [] } = manifest ?? {};
  return {
    id,
    skill,
    name,
    hash,
    status: 'planned',
    side_effects: sideEffects,
    ...(secrets.length === 0 ? {} : { secrets }),
    ...(connectors.length === 0 ? {} : { connectors }),
    ...(rollback === undefined ? {} : { rollback: rollback.skill }),
    ...more,
  };
}

function inputOf(
  { payload: own }: FrozenStep,
  source: Source,
  payload: JsonValue,
): Pick<PreviewStep, 'input' | 'input_from'> {
  if (own !== undefined) return 'value' in own ? { input: own.value } : {};
  return source === 'asked' ? { input: payload } : { input_from: source };
}

function approvalPreview(requirement: ApprovalRequirement): NonNullable<PreviewDocument['approval']> {
  const { policy, reasons, nOf, allowSelf, proof } = requirement;
  return {
    policy,
    reasons,
    approvers: approverLists(requirement),
    needed: nOf,
    allow_self: allowSelf,
    token_required: proof,
  };
}

/** Of each step, by its number. */
function sourcesOf(plan: Plan<FrozenStep>): ReadonlyMap<number, Source> {
  const sources = new Map<number, Source>();
  visit(plan, 'asked');
  return sources;

  /** What comes after the plan takes what these steps put out. */
  function visit(part: Plan<FrozenStep>, before: Source): Source {
    switch (part.kind) {
      case 'step':
        sources.set(part.step.number, before);
        return [part.step.number];
      case 'sequence':
        return part.plans.reduce<Source>((last, child) => visit(child, last), before);
      case 'parallel':
        return part.plans.flatMap((child) => visit(child, before) as readonly number[]); // of steps, never 'asked'
    }
  }
}

/** Everything that decides what would run, by parts, so that a change can be told by its name. */
export type PlanFacts = {
  readonly query?: string;
  readonly input: string;
  /** By skill: the content hash of its frozen code, and of its manifest. */
  readonly code: Readonly<Record<string, string>>;
  readonly manifest: Readonly<Record<string, string>>;
  readonly policy: string;
};

export function factsOf(
  { snapshot, payload }: Preview,
  asked: { readonly query?: string | undefined; readonly policy: string },
): PlanFacts {
  const { query, policy } = asked;
  const manifests = [...snapshot.entries].map(([id, { manifest }]) => {
    return [id, sha256(canonicalJson(manifest as unknown as JsonValue))] as const; // parsed from YAML: plain data
  });
  return {
    ...(query === undefined ? {} : { query: sha256(query) }),
    input: sha256(canonicalJson(payload)),
    code: Object.fromEntries(snapshot.hashes),
    manifest: Object.fromEntries(manifests),
    policy,
  };
}
