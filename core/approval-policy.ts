/** Whether people must approve a plan, and on which terms: by policies, by what its skills declare, and by its words. */
import { APPROVAL_FILE } from './approval-file.ts';
import type { ApprovalFile, ApprovalPolicy } from './approval-file.ts';
import { DEFAULT_APPROVAL_TIMEOUT_MS } from './approval.ts';
import type { ApprovalRequirement } from './approval.ts';
import type { SkillEntry } from './catalog.ts';
import type { JsonValue } from './json.ts';
import { riskOf, textsOf } from './risk.ts';

export interface ApprovalQuestion {
  /** The skills of the plan, each once. */
  readonly entries: readonly SkillEntry[];
  /** What goes in. */
  readonly payload: JsonValue;
  readonly file: ApprovalFile;
  readonly production: boolean;
  /** Whether the worker has an approval token, so that decisions must prove it. */
  readonly hasToken: boolean;
}

export type ApprovalVerdict =
  | { readonly kind: 'allow' }
  | { readonly kind: 'needs_approval'; readonly requirement: ApprovalRequirement }
  | {
      readonly kind: 'deny';
      readonly reason: 'policy_invalid';
      readonly policy: string;
      readonly message: string;
    };

/** Why something needs approval, and the policy that says on which terms. */
interface Cause {
  readonly rule: string;
  readonly reason: string;
  readonly terms: ApprovalPolicy | undefined;
}

export function approvalFor(question: ApprovalQuestion): ApprovalVerdict {
  const { file, entries, payload } = question;
  if (file.status === 'invalid') {
    return { kind: 'deny', reason: 'policy_invalid', policy: APPROVAL_FILE, message: file.message };
  }
  const policies = file.status === 'read' ? file.policies : [];
  const termsOf = (entry: SkillEntry) => policies.find(({ covers }) => covers(entry.id));
  const causes = [
    ...entries.flatMap((entry) => causesOf(entry, termsOf(entry))),
    ...inputCauses(payload, entries, termsOf),
  ];
  if (causes.length === 0) return { kind: 'allow' };
  return { kind: 'needs_approval', requirement: requirementOf(causes, question) };
}

/** A policy that requires nothing exempts from nothing. */
function causesOf({ id, manifest }: SkillEntry, terms: ApprovalPolicy | undefined): readonly Cause[] {
  const { name, description, tags, side_effects: sideEffects } = manifest;
  const skill = `skill "${id}"`;
  const risk = riskOf({ ids: [id], texts: [name, description, ...tags], sideEffects });
  return [
    ...(terms?.isRequired
      ? [{ rule: terms.name, reason: `${terms.name} asks for it: ${skill}`, terms }]
      : []),
    ...(sideEffects === 'destructive'
      ? [{ rule: 'destructive', reason: `destructive: ${skill}`, terms }]
      : []),
    ...risk.reasons.map((says) => ({ rule: 'high_risk', reason: `${skill}: ${says}`, terms })),
  ];
}

/** The terms of every skill that the input may reach. */
function inputCauses(
  payload: JsonValue,
  entries: readonly SkillEntry[],
  termsOf: (entry: SkillEntry) => ApprovalPolicy | undefined,
): readonly Cause[] {
  const texts = textsOf(payload);
  return entries.flatMap((entry) =>
    riskOf({ ids: [], texts, sideEffects: entry.manifest.side_effects }).reasons.map((says) => ({
      rule: 'high_risk',
      reason: `the input: ${says}`,
      terms: termsOf(entry),
    })),
  );
}

/** The strictest of all terms; where several policies name approvers, who decides must be on every list. */
function requirementOf(causes: readonly Cause[], question: ApprovalQuestion): ApprovalRequirement {
  const { production, hasToken } = question;
  const terms = causes.map((cause) => cause.terms);
  const [approvers = [], ...furtherApprovers] = listsOf(terms);
  const counts = terms.flatMap((policy) => policy?.nOf ?? []);
  const allowSelf = terms.every((policy) => policy?.allowSelf ?? !production);
  return {
    policy: [...new Set(causes.map(({ rule }) => rule))].join(', '),
    reasons: [...new Set(causes.map(({ reason }) => reason))],
    approvers,
    ...(furtherApprovers.length === 0 ? {} : { furtherApprovers }),
    nOf: Math.max(1, ...counts),
    allowSelf,
    timeoutMs: Math.min(...terms.map((policy) => policy?.timeoutMs ?? DEFAULT_APPROVAL_TIMEOUT_MS)),
    proof: hasToken,
    // Nobody knows who sent a signal: not whether it was an approver, somebody else, or the one who asked.
    signals: !production && !hasToken && approvers.length === 0 && counts.length === 0 && allowSelf,
  };
}

/** Each list once, however many policies name it. */
function listsOf(terms: readonly (ApprovalPolicy | undefined)[]): readonly (readonly string[])[] {
  const lists = terms.flatMap((policy) =>
    policy?.approvers.length ? [[...new Set(policy.approvers)].sort()] : [],
  );
  return [...new Map(lists.map((list) => [list.join('\n'), list])).values()];
}
