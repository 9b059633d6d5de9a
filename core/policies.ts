/** The gates of a run, in order, and their one verdict for the whole plan with the caller's rights. */
import type { ApprovalFile } from './approval-file.ts';
import { approvalFor } from './approval-policy.ts';
import type { ApprovalRequirement } from './approval.ts';
import type { SkillEntry } from './catalog.ts';
import type { JsonValue } from './json.ts';
import { forecastLimits } from './limits.ts';
import type { LimitSettings, Limits } from './limits.ts';
import { mayRun } from './permission-policy.ts';
import type { PermissionFile } from './permission-file.ts';
import { stepsFrom } from './plan.ts';
import type { FrozenStep, Plan } from './plan.ts';
import type { Blocked, RunRequest } from './run.ts';

/** What policies look at besides the request. */
export interface PolicySnapshot {
  readonly permissionFile: PermissionFile;
  readonly approvalFile: ApprovalFile;
  readonly production: boolean;
  /** Whether decisions must prove that their sender holds the approval token. */
  readonly hasApprovalToken: boolean;
  /** Why the principal of the request is not to be believed; absent where it is. */
  readonly distrust?: string | undefined;
  /** What is spent, held and failing; absent where the claim follows at once and decides for good. */
  readonly limits?: LimitsSnapshot;
}

interface LimitsSnapshot {
  readonly current: Limits | undefined;
  readonly settings: LimitSettings;
  /** Unix milliseconds. */
  readonly now: number;
}

export interface PolicyQuestion {
  readonly request: RunRequest;
  /** The value that the request carries. */
  readonly payload: JsonValue;
  /** The skills of the plan, each once. */
  readonly entries: readonly SkillEntry[];
  /** Those that would undo what its steps do. */
  readonly undoers: readonly SkillEntry[];
  readonly plan: Plan<FrozenStep>;
  readonly snapshot: PolicySnapshot;
}

/** As much of a question as rights depend on. */
export interface RightsQuestion extends Pick<PolicyQuestion, 'request' | 'entries' | 'undoers'> {
  readonly snapshot: Pick<PolicySnapshot, 'permissionFile' | 'production' | 'distrust'>;
}

export type Denial = { readonly kind: 'deny' } & Pick<Blocked, 'reason' | 'policy' | 'message'>;

export type Verdict =
  | { readonly kind: 'allow' }
  | { readonly kind: 'needs_approval'; readonly requirement: ApprovalRequirement }
  | Denial;

interface Policy {
  readonly name: 'identity' | 'permission' | 'approval' | 'limits';
  judge(question: PolicyQuestion): Verdict;
}

export const POLICIES: readonly Policy[] = [
  { name: 'identity', judge: identityPolicy },
  { name: 'permission', judge: permissionPolicy },
  { name: 'approval', judge: approvalPolicy },
  { name: 'limits', judge: limitsPolicy },
];

/** The first policy that denies decides; where none does, one that needs people does. */
export function judge(question: PolicyQuestion): Verdict {
  let verdict: Verdict = { kind: 'allow' };
  for (const policy of POLICIES) {
    const next = policy.judge(question);
    if (next.kind === 'deny') return next;
    if (next.kind === 'needs_approval') verdict = next;
  }
  return verdict;
}

/** What is asked again when people have approved: whether the caller may still run all of it. */
export function judgeRights(question: RightsQuestion): Denial | { readonly kind: 'allow' } {
  const identity = identityPolicy(question);
  return identity.kind === 'deny' ? identity : permissionPolicy(question);
}

function identityPolicy({ snapshot: { distrust } }: RightsQuestion): Denial | { readonly kind: 'allow' } {
  if (distrust === undefined) return { kind: 'allow' };
  return { kind: 'deny', reason: 'permission_denied', policy: 'identity', message: distrust };
}

function permissionPolicy({
  request,
  entries,
  undoers,
  snapshot,
}: RightsQuestion): Denial | { readonly kind: 'allow' } {
  const { principal, tenant } = request;
  const rights = { principal, tenant, file: snapshot.permissionFile, production: snapshot.production };
  for (const entry of [...entries, ...undoers]) {
    const ruling = mayRun(rights, entry);
    if (!ruling.isAllowed) {
      const { reason, policy, message } = ruling;
      return { kind: 'deny', reason, policy, message };
    }
  }
  return { kind: 'allow' };
}

function approvalPolicy({ entries, payload, snapshot }: PolicyQuestion): Verdict {
  const { approvalFile: file, production, hasApprovalToken: hasToken } = snapshot;
  return approvalFor({ entries, payload, file, production, hasToken });
}

/** A forecast: the claim asks again, with what is spent and failing then. */
function limitsPolicy({ request, plan, snapshot: { limits } }: PolicyQuestion): Verdict {
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
