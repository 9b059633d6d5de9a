/** The preview of a run, for dry runs and plan files. */
import { approverLists } from '../approvals/approval.ts';
import type { ApprovalRequirement } from '../approvals/approval.ts';
import { inUnits } from '../values/amount.ts';
import { connectorHost } from '../connectors/connector-text.ts';
import type { ConnectorSpec } from '../connectors/connector.ts';
import { secretKeysIn } from '../connectors/secret-reference.ts';
import type { ModelTier } from '../limits/budget.ts';
import { acceptInput } from '../skills/accept-input.ts';
import { canonicalJson, sha256 } from '../values/digest.ts';
import type { JsonValue } from '../json.ts';
import { stepsFrom, stepsOf } from '../plans/plan.ts';
import type { FrozenStep, Plan, SideEffects } from '../plans/plan.ts';
import type { Ready, RunRequest } from '../runs/run.ts';
import type { Snapshot } from './prepare.ts';

export interface Preview {
  readonly prepared: Ready;
  /** The loaded payload. */
  readonly payload: JsonValue;
  readonly snapshot: Snapshot;
  readonly tier: ModelTier;
  /** Cost of a step without a cost in its manifest, in 1/10,000. */
  readonly stepCost: number;
  /** The valid connectors of the root, by id. */
  readonly connectors: ReadonlyMap<string, ConnectorSpec>;
}

/** Source of a step's input: the request, or the outputs of the steps with these numbers. */
type Source = 'request' | readonly number[];

/** What a step reaches; `id` alone if the connector has no valid definition. */
export type PreviewConnector = {
  readonly id: string;
  readonly type?: ConnectorSpec['type'];
  readonly host?: string;
  /** Names of secrets. */
  readonly secrets?: readonly string[];
};

export type PreviewStep = {
  readonly id: number;
  readonly skill: string;
  readonly name: string;
  readonly hash: string;
  readonly variant?: string;
  readonly status: 'planned';
  readonly side_effects: SideEffects;
  /** The input, if it is known before the run. */
  readonly input?: JsonValue;
  /** Numbers of the steps whose output is the input. */
  readonly input_from?: readonly number[];
  /** Names of secrets. */
  readonly secrets?: readonly string[];
  readonly connectors?: readonly PreviewConnector[];
  /** Rollback skill. */
  readonly rollback?: string;
  readonly cost: number;
};

export type PreviewDocument = {
  readonly schema: 'skillos.run/v1';
  readonly status: 'dry_run';
  readonly skill: string;
  readonly plan_digest: string;
  /** Field names of the predecessor. */
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

/** Returns `skillos.run/v1` with the status `dry_run`. */
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
  { snapshot, connectors: specs }: Preview,
  more: Pick<PreviewStep, 'input' | 'input_from' | 'cost'>,
): PreviewStep {
  const { number: id, skill, name, hash, variant, sideEffects = 'write', rollback } = step;
  const manifest = snapshot.entries.get(skill)?.manifest;
  const { secrets = [], connectors = [] } = manifest ?? {};
  return {
    id,
    skill,
    name,
    hash,
    ...(variant === undefined ? {} : { variant }),
    status: 'planned',
    side_effects: sideEffects,
    ...(secrets.length === 0 ? {} : { secrets }),
    ...(connectors.length === 0
      ? {}
      : { connectors: connectors.map((each) => connectorPreview(each, specs.get(each))) }),
    ...(rollback === undefined ? {} : { rollback: rollback.skill }),
    ...more,
  };
}

function connectorPreview(id: string, spec: ConnectorSpec | undefined): PreviewConnector {
  if (spec === undefined) return { id };
  const secrets = secretKeysIn(spec as unknown as JsonValue); // plain JSON, although its interface has no index signature
  return { id, type: spec.type, host: connectorHost(spec), ...(secrets.length === 0 ? {} : { secrets }) };
}

function inputOf(
  step: FrozenStep,
  source: Source,
  payload: JsonValue,
): Pick<PreviewStep, 'input' | 'input_from'> {
  const { payload: own } = step;
  if (own !== undefined) return 'value' in own ? { input: shown(step, own.value) } : {};
  return source === 'request' ? { input: shown(step, payload) } : { input_from: source };
}

/** The input as it was given; with defaults, as the skill receives it. */
function shown({ accepts, defaults }: FrozenStep, input: JsonValue): JsonValue {
  return defaults === undefined ? input : acceptInput(accepts, input, defaults);
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

/** Sources of the inputs, by step number. */
function sourcesOf(plan: Plan<FrozenStep>): ReadonlyMap<number, Source> {
  const sources = new Map<number, Source>();
  visit(plan, 'request');
  return sources;

  /** Returns the steps whose outputs are the input of the next part. */
  function visit(part: Plan<FrozenStep>, before: Source): Source {
    switch (part.kind) {
      case 'step':
        sources.set(part.step.number, before);
        return [part.step.number];
      case 'sequence':
        return part.plans.reduce<Source>((last, child) => visit(child, last), before);
      case 'parallel':
        return part.plans.flatMap((child) => visit(child, before) as readonly number[]); // members of a group end in steps, never in `request`
    }
  }
}

/** Hashes of the inputs of a plan, so that a change can be reported by name. */
export type PlanFacts = {
  readonly query?: string;
  readonly input: string;
  /** By skill: content hash of the frozen code, and below SHA-256 of the manifest. */
  readonly code: Readonly<Record<string, string>>;
  readonly manifest: Readonly<Record<string, string>>;
  readonly policy: string;
};

export function factsOf(
  { snapshot, payload }: Preview,
  request: { readonly query?: string | undefined; readonly policy: string },
): PlanFacts {
  const { query, policy } = request;
  const manifests = [...snapshot.entries].map(([id, { manifest }]) => {
    return [id, sha256(canonicalJson(manifest as unknown as JsonValue))] as const; // parsed from YAML, so it is plain data
  });
  return {
    ...(query === undefined ? {} : { query: sha256(query) }),
    input: sha256(canonicalJson(payload)),
    code: Object.fromEntries(snapshot.hashes),
    manifest: Object.fromEntries(manifests),
    policy,
  };
}
