/** What a run waits for when people must decide, and what their decisions come to. Zod-free: workflows run it. */
import type { ErrorCode } from './error-codes.ts';
import type { Principal } from './run.ts';

export interface ApprovalRequirement {
  /** The rules that asked: ids of policies, `destructive`, `high_risk`; joined by ", ". */
  readonly policy: string;
  /** Why, for people. */
  readonly reasons: readonly string[];
  /** `role:x`, `user:y`, or a bare name that is either; empty: whoever may `approvals:decide`. */
  readonly approvers: readonly string[];
  /** Lists of further policies of the same plan: who decides must be on every one of them too. */
  readonly furtherApprovers?: readonly (readonly string[])[];
  /** How many different people must approve; at least 1. */
  readonly nOf: number;
  /** Whether the one who asked may decide. */
  readonly allowSelf: boolean;
  readonly timeoutMs: number;
  /** Whether a decision must prove that its sender holds the approval token. */
  readonly proof: boolean;
  /** Whether signals count, which say nothing of who sent them. */
  readonly signals: boolean;
}

export type DecisionWord = 'approved' | 'denied';

/** The argument of the Update `decide`. */
export interface Decision {
  readonly decision: DecisionWord;
  /** Digest of the plan that the decider saw. */
  readonly digest: string;
  readonly principal: Principal;
  readonly tenant: string;
  readonly via: 'cli' | 'api' | 'ui';
  readonly comment?: string;
  /** Of the HTTP request that brought it, for the audit log. */
  readonly requestId?: string;
  /** Of `proofOf`: that the sender holds the approval token. */
  readonly proof?: string;
  /** Proof that a holder of the server key sent this, about this run. */
  readonly signature?: string;
}

/** What a signal carries. */
export interface SignalledDecision {
  readonly decision: DecisionWord;
  readonly via: 'signal';
  readonly comment?: string;
}

/** A decision as the run record keeps it. */
export interface RecordedDecision {
  readonly decision: DecisionWord;
  /** Empty for a signal, whose sender nobody knows. */
  readonly subject: string;
  readonly via: Decision['via'] | SignalledDecision['via'];
  /** ISO 8601. */
  readonly at: string;
  readonly comment?: string;
  readonly counted: boolean;
  /** Why it does not count. */
  readonly reason?: string;
}

export const DEFAULT_APPROVAL_TIMEOUT_MS = 7 * 86_400_000;
export const MAX_COMMENT_LENGTH = 2000;

/** Decisions in the order they were made: the first denial denies, and `nOf` different subjects approve. */
export function tally(
  requirement: Pick<ApprovalRequirement, 'nOf'>,
  decisions: readonly RecordedDecision[],
): DecisionWord | 'pending' {
  const approving = new Set<string>();
  for (const { decision, subject, counted } of decisions) {
    if (!counted) continue;
    if (decision === 'denied') return 'denied';
    approving.add(subject);
    if (approving.size >= requirement.nOf) return 'approved';
  }
  return 'pending';
}

/** What may be kept of a comment: no control characters, which would reach terminals, and not too much. */
export function commentOf(given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined;
  const kept = given
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .slice(0, MAX_COMMENT_LENGTH)
    .trim();
  return kept === '' ? undefined : kept;
}

/** Every list that a decider must be on. */
export function approverLists(
  requirement: Pick<ApprovalRequirement, 'approvers' | 'furtherApprovers'>,
): readonly (readonly string[])[] {
  const { approvers, furtherApprovers = [] } = requirement;
  return approvers.length === 0 ? furtherApprovers : [approvers, ...furtherApprovers];
}

/** Whether the lists let somebody decide; where there is none, they let everybody. */
export function isApprover(requirement: ApprovalRequirement, principal: Principal): boolean {
  return approverLists(requirement).every((list) => isOn(list, principal));
}

/**
 * Why a decision does not count by what it says alone, told before it costs the run an event. What needs the policies of
 * the root, or keys, is asked afterwards.
 */
export function refuseDecider(
  requirement: ApprovalRequirement,
  requester: Pick<Principal, 'subject'>,
  decision: Decision,
): { readonly code: ErrorCode; readonly reason: string } | undefined {
  if (!isDecision(decision)) return { code: 'usage', reason: 'What was sent is no decision' };
  const { principal, proof } = decision;
  // By name alone: the local user called ann may well be the ann of a token.
  if (principal.subject === requester.subject && !requirement.allowSelf) {
    return { code: 'permission_denied', reason: 'Who asked for a run may not decide about it' };
  }
  if (!isApprover(requirement, principal)) {
    return { code: 'permission_denied', reason: 'Only the approvers that the policy names may decide' };
  }
  if (requirement.proof && proof === undefined) {
    return { code: 'approval_proof_invalid', reason: 'The decision does not carry the approval token' };
  }
  return undefined;
}

/** Whether it has the shape: whoever reaches Temporal may send anything. */
function isDecision(value: unknown): value is Decision {
  if (!isRecord(value)) return false;
  const { decision, digest, principal, tenant, via, comment, proof, signature } = value;
  const isText = (item: unknown) => typeof item === 'string';
  return (
    (decision === 'approved' || decision === 'denied') &&
    isRecord(principal) &&
    Array.isArray(principal['roles']) &&
    [principal['subject'], digest, tenant, ...(principal['roles'] as readonly unknown[])].every(isText) &&
    (principal['via'] === 'local' || principal['via'] === 'jwt') &&
    (via === 'cli' || via === 'api' || via === 'ui') &&
    (comment === undefined || (isText(comment) && commentOf(comment) === comment)) &&
    [proof, signature].every((item) => item === undefined || isText(item))
  );
}

function isOn(list: readonly string[], { subject, roles }: Principal): boolean {
  return list.some((name) => {
    if (name.startsWith('user:')) return name.slice('user:'.length) === subject;
    if (name.startsWith('role:')) return roles.includes(name.slice('role:'.length));
    return name === subject || roles.includes(name);
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
