/** The policies of a run, in order, and their one verdict for the whole plan. */
import type { ApprovalFile } from '../approvals/approval-file.ts';
import { approvalFor } from '../approvals/approval-policy.ts';
import type { ApprovalInput } from '../approvals/approval-policy.ts';
import type { ApprovalRequirement } from '../approvals/approval.ts';
import type { SkillEntry } from '../skills/catalog.ts';
import type { JsonValue } from '../json.ts';
import { forecastLimits } from '../limits/limits.ts';
import type { LimitSettings, Limits } from '../limits/limits.ts';
import { mayRunAll } from '../rights/permission-policy.ts';
import type { PermissionFile } from '../rights/permission-file.ts';
import { stepsFrom } from '../plans/plan.ts';
import type { FrozenStep, Plan } from '../plans/plan.ts';
import type { Blocked, RunRequest } from '../runs/run.ts';

/** Input of the policies besides the request. */
export interface PolicySnapshot {
  readonly permissionFile: PermissionFile;
  readonly approvalFile: ApprovalFile;
  readonly production: boolean;
  /** True if decisions must prove that their sender has the approval token. */
  readonly hasApprovalToken: boolean;
  /** Reason for which the signature of the request was refused; absent if it was accepted. */
  readonly signatureRefusal?: string | undefined;
  /** Budget and circuits; absent if a claim follows at once, which decides. */
  readonly limits?: LimitsSnapshot;
}

interface LimitsSnapshot {
  readonly current: Limits | undefined;
  readonly settings: LimitSettings;
  /** Unix milliseconds. */
  readonly now: number;
}

export interface PolicyInput {
  readonly request: RunRequest;
  /** The loaded payload of the request. */
  readonly payload: JsonValue;
  /** The inputs of the steps of each skill; see `ApprovalInput`. */
  readonly inputs: ApprovalInput['inputs'];
  /** The distinct skills of the plan. */
  readonly entries: readonly SkillEntry[];
  /** The rollback skills of the plan. */
  readonly rollbackEntries: readonly SkillEntry[];
  readonly plan: Plan<FrozenStep>;
  readonly snapshot: PolicySnapshot;
}

/** The part of the input that decisions about rights need. */
export interface RightsInput extends Pick<PolicyInput, 'request' | 'entries' | 'rollbackEntries'> {
  readonly snapshot: Pick<PolicySnapshot, 'permissionFile' | 'production' | 'signatureRefusal'>;
}

export type Denial = { readonly kind: 'deny' } & Pick<Blocked, 'reason' | 'policy' | 'message'>;

export type Verdict =
  | { readonly kind: 'allow' }
  | { readonly kind: 'needs_approval'; readonly requirement: ApprovalRequirement }
  | Denial;

interface Policy {
  readonly name: 'identity' | 'permission' | 'approval' | 'limits';
  evaluate(question: PolicyInput): Verdict;
}

export const POLICIES: readonly Policy[] = [
  { name: 'identity', evaluate: identityPolicy },
  { name: 'permission', evaluate: permissionPolicy },
  { name: 'approval', evaluate: approvalPolicy },
  { name: 'limits', evaluate: limitsPolicy },
];

/** Returns the first denial; without one, the required approval; otherwise allow. */
export function evaluatePolicies(question: PolicyInput): Verdict {
  let verdict: Verdict = { kind: 'allow' };
  for (const policy of POLICIES) {
    const next = policy.evaluate(question);
    if (next.kind === 'deny') return next;
    if (next.kind === 'needs_approval') verdict = next;
  }
  return verdict;
}

/** Decides again after an approval if the caller still may run the plan. */
export function evaluateRights(question: RightsInput): Denial | { readonly kind: 'allow' } {
  const identity = identityPolicy(question);
  return identity.kind === 'deny' ? identity : permissionPolicy(question);
}

function identityPolicy({
  snapshot: { signatureRefusal },
}: RightsInput): Denial | { readonly kind: 'allow' } {
  if (signatureRefusal === undefined) return { kind: 'allow' };
  return { kind: 'deny', reason: 'permission_denied', policy: 'identity', message: signatureRefusal };
}

function permissionPolicy({
  request,
  entries,
  rollbackEntries,
  snapshot,
}: RightsInput): Denial | { readonly kind: 'allow' } {
  const { principal, tenant } = request;
  const rights = { principal, tenant, file: snapshot.permissionFile, production: snapshot.production };
  const ruling = mayRunAll(rights, [...entries, ...rollbackEntries]);
  if (ruling.isAllowed) return { kind: 'allow' };
  const { reason, policy, message } = ruling;
  return { kind: 'deny', reason, policy, message };
}

function approvalPolicy({ request, entries, payload, inputs, snapshot }: PolicyInput): Verdict {
  const { approvalFile: file, production, hasApprovalToken: hasToken } = snapshot;
  const { principal, tenant } = request;
  return approvalFor({ entries, payload, inputs, caller: { principal, tenant }, file, production, hasToken });
}

/** Forecast of the claim, which decides again at its own time. */
function limitsPolicy({ request, plan, snapshot: { limits } }: PolicyInput): Verdict {
  if (limits === undefined) return { kind: 'allow' };
  const { current, settings, now } = limits;
  const verdict = forecastLimits(current, {
    key: '',
    steps: stepsFrom(plan, request.origin?.from),
    settings,
    now,
  });
  if (verdict.kind === 'allow') return { kind: 'allow' };
  const { reason, policy, message } = verdict;
  return { kind: 'deny', reason, policy, message };
}

/** Port for the policy files of a root; each call sees all earlier edits. */
export interface Policies {
  permissions(): Promise<PermissionFile>;
  approvals(): Promise<ApprovalFile>;
  /** SHA-256 over the files. */
  version(): Promise<string>;
}
