/** Approval requirements, decisions, and the result of the decisions. Without zod: workflows use it. */
import type { ErrorCode } from '../errors/error-codes.ts';
import type { Principal } from '../rights/principal.ts';
import type { SeenField } from './condition.ts';

export interface ApprovalRequirement {
  /** Rules that require the approval: ids of policies, `destructive`, `high_risk`; joined by ", ". */
  readonly policy: string;
  /** Reasons, for people. */
  readonly reasons: readonly string[];
  /** What the conditions of the policies looked at, at most 20 fields; absent if they looked at no input. */
  readonly seen?: readonly SeenField[];
  /** Number of further fields; absent if there are none. */
  readonly seenLeftOut?: number;
  /** `role:x`, `user:y`, or a bare name, which matches either. Empty: anyone with the permission `approvals:decide`. */
  readonly approvers: readonly string[];
  /** Lists of other policies of the plan; a decider must be on each of them too. */
  readonly furtherApprovers?: readonly (readonly string[])[];
  /** Number of different people who must approve; at least 1. */
  readonly nOf: number;
  /** True if the requester may decide. */
  readonly allowSelf: boolean;
  readonly timeoutMs: number;
  /** True if a decision must prove that its sender has the approval token. */
  readonly proof: boolean;
  /** True if signals count, although their sender is not verified. */
  readonly signals: boolean;
  /** The subject that edited the input; if self-approval is forbidden, it may not decide either. */
  readonly editedBy?: string;
}

/**
 * Requires for an edited input what the run was approved under and what the input itself requires, if anything: the deciders
 * must be on the lists of both, and the stricter terms hold. What was looked at is that of the edited input alone.
 */
export function mergeRequirements(
  { seen: _seen, seenLeftOut: _leftOut, ...first }: ApprovalRequirement,
  second: ApprovalRequirement | undefined,
): ApprovalRequirement {
  if (second === undefined) return first;
  const { seen, seenLeftOut } = second;
  const lists = [...approverLists(first), ...approverLists(second)];
  const unique = [...new Map(lists.map((list) => [list.join('\n'), list])).values()];
  const [approvers = [], ...furtherApprovers] = unique;
  const { furtherApprovers: _lists, ...base } = first;
  return {
    ...base,
    policy: [...new Set([...first.policy.split(', '), ...second.policy.split(', ')])].join(', '),
    reasons: [...new Set([...first.reasons, ...second.reasons])],
    ...(seen && { seen }),
    ...(seenLeftOut && { seenLeftOut }),
    approvers,
    ...(furtherApprovers.length === 0 ? {} : { furtherApprovers }),
    nOf: Math.max(first.nOf, second.nOf),
    allowSelf: first.allowSelf && second.allowSelf,
    timeoutMs: Math.min(first.timeoutMs, second.timeoutMs),
    proof: first.proof || second.proof,
    signals: first.signals && second.signals,
  };
}

const MAX_SEEN = 20;

/** Each field and value once. */
export function seenFields(fields: readonly SeenField[]): Pick<ApprovalRequirement, 'seen' | 'seenLeftOut'> {
  const unique = [...new Map(fields.map((each) => [JSON.stringify(each), each])).values()];
  if (unique.length === 0) return {};
  const leftOut = unique.length - MAX_SEEN;
  return { seen: unique.slice(0, MAX_SEEN), ...(leftOut > 0 && { seenLeftOut: leftOut }) };
}

export type DecisionWord = 'approved' | 'denied';

/** Argument of the Temporal Update `decide`. */
export interface Decision {
  readonly decision: DecisionWord;
  /** Digest of the plan that was shown to the decider. */
  readonly digest: string;
  readonly principal: Principal;
  readonly tenant: string;
  readonly via: 'cli' | 'api' | 'ui';
  /** The execution that waits, as the run record names it. */
  readonly execution?: string;
  readonly comment?: string;
  /** Id of the HTTP request, for the audit log. */
  readonly requestId?: string;
  /** Result of `proofOf`. */
  readonly proof?: string;
  /** Result of `signDecision`. */
  readonly signature?: string;
}

/** Payload of a signal. */
export interface SignalledDecision {
  readonly decision: DecisionWord;
  readonly via: 'signal';
  readonly comment?: string;
}

/** A decision as the run record keeps it. */
export interface RecordedDecision {
  readonly decision: DecisionWord;
  /** Empty for a signal, which has no verified sender. */
  readonly subject: string;
  readonly via: Decision['via'] | SignalledDecision['via'];
  /** ISO 8601. */
  readonly at: string;
  readonly comment?: string;
  readonly counted: boolean;
  /** Reason for which it does not count. */
  readonly reason?: string;
}

export const DEFAULT_APPROVAL_TIMEOUT_MS = 7 * 86_400_000;
export const MAX_COMMENT_LENGTH = 2000;

/** Result of the counted decisions, in order of time: the first denial denies, `nOf` different subjects approve. */
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

/** Returns a comment without control characters, which could control terminals, and of bounded length. */
export function commentOf(given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined;
  const kept = given
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .slice(0, MAX_COMMENT_LENGTH)
    .trim();
  return kept === '' ? undefined : kept;
}

/** Returns the lists of approvers; a decider must be on each of them. */
export function approverLists(
  requirement: Pick<ApprovalRequirement, 'approvers' | 'furtherApprovers'>,
): readonly (readonly string[])[] {
  const { approvers, furtherApprovers = [] } = requirement;
  return approvers.length === 0 ? furtherApprovers : [approvers, ...furtherApprovers];
}

/** The message for somebody who is on no list. */
export function onlyApprovers(requirement: ApprovalRequirement): string {
  return `Only ${approversText(requirement)} may decide about this run`;
}

/** Who may approve, as the policies name them. */
export function approversText(
  requirement: Pick<ApprovalRequirement, 'approvers' | 'furtherApprovers'>,
): string {
  const lists = approverLists(requirement).map((list) => list.join(' or '));
  if (lists.length === 0) return 'anyone with the permission approvals:decide';
  return lists.length === 1 ? lists.join('') : lists.map((list) => `(${list})`).join(' and ');
}

/** True if the principal is on each list of approvers, or if there is none. */
export function isApprover(requirement: ApprovalRequirement, principal: Principal): boolean {
  return approverLists(requirement).every((list) => isOn(list, principal));
}

/**
 * Returns the reason for which a decision cannot count, as far as the requirement tells. It runs in the Update's
 * validator, so a refused decision adds no event to the history. Policies and keys are checked afterwards in the worker.
 */
export function refuseDecider(
  requirement: ApprovalRequirement,
  requester: Pick<Principal, 'subject'>,
  decision: Decision,
): { readonly code: ErrorCode; readonly reason: string } | undefined {
  if (!isDecision(decision))
    return { code: 'usage', reason: 'The Update has no valid decision as its argument' };
  const { principal, proof } = decision;
  // Compares the name only: the local user ann may be the same person as ann in a token.
  const { allowSelf, editedBy } = requirement;
  if ((principal.subject === requester.subject || principal.subject === editedBy) && !allowSelf) {
    const reason = `The requester of a run may not decide about it; ${approversText(requirement)} may`;
    return { code: 'permission_denied', reason };
  }
  if (!isApprover(requirement, principal)) {
    return { code: 'permission_denied', reason: onlyApprovers(requirement) };
  }
  if (requirement.proof && proof === undefined) {
    return { code: 'approval_proof_invalid', reason: 'The decision has no proof of the approval token' };
  }
  return undefined;
}

/** Checks the shape, because anyone with access to Temporal can send any argument. */
function isDecision(value: unknown): value is Decision {
  if (!isRecord(value)) return false;
  const { decision, digest, principal, tenant, via, execution, comment, proof, signature } = value;
  const isText = (item: unknown) => typeof item === 'string';
  return (
    (decision === 'approved' || decision === 'denied') &&
    isRecord(principal) &&
    Array.isArray(principal['roles']) &&
    [principal['subject'], digest, tenant, ...(principal['roles'] as readonly unknown[])].every(isText) &&
    (principal['via'] === 'local' || principal['via'] === 'jwt') &&
    (via === 'cli' || via === 'api' || via === 'ui') &&
    (comment === undefined || (isText(comment) && commentOf(comment) === comment)) &&
    [execution, proof, signature].every((item) => item === undefined || isText(item))
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
