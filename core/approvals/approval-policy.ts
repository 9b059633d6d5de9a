/** Decides if a plan needs approval and under which terms, by policies, declared side effects and risk words. */
import { APPROVAL_FILE } from './approval-file.ts';
import type { ApprovalFile, ApprovalPolicy } from './approval-file.ts';
import { DEFAULT_APPROVAL_TIMEOUT_MS, seenFields } from './approval.ts';
import type { ApprovalRequirement } from './approval.ts';
import type { SkillEntry } from '../skills/catalog.ts';
import type { JsonValue } from '../json.ts';
import { acceptStepInput, acceptsOf, valueIn } from '../skills/accept-input.ts';
import { defaultsOf } from '../skills/input-defaults.ts';
import { attributesOf } from '../rights/permission-policy.ts';
import type { Caller } from '../rights/caller.ts';
import { areMet, conditionsText, fieldsSeen } from './condition.ts';
import type { SeenField } from './condition.ts';
import { riskOf, textsOf } from './risk.ts';

export interface ApprovalInput {
  /** The skills of the plan, each once. */
  readonly entries: readonly SkillEntry[];
  /** Input of the plan. */
  readonly payload: JsonValue;
  /**
   * The inputs of the steps of each skill; undefined for one that is not known before the run. A skill without an entry
   * has one such input.
   */
  readonly inputs: ReadonlyMap<string, readonly (JsonValue | undefined)[]>;
  readonly caller: Caller;
  readonly file: ApprovalFile;
  readonly production: boolean;
  /** True if the worker has an approval token, which decisions must then prove. */
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

/** A reason for approval, and the policy with its terms. */
interface Cause {
  readonly rule: string;
  readonly reason: string;
  readonly terms: ApprovalPolicy | undefined;
  readonly seen?: readonly SeenField[];
}

/** Decides before the run, or about the changed input of one step. */
export function approvalFor(question: ApprovalInput): ApprovalVerdict {
  return verdictOn(question, (policies) => {
    const termsOf = (entry: SkillEntry) => findRunPolicy(policies, entry, question);
    return [
      ...question.entries.flatMap((entry) => [
        ...causesOf(entry, termsOf(entry), question),
        ...stepCauses(entry, policies, question),
      ]),
      ...inputCauses(question, termsOf),
    ];
  });
}

/** Decides right before a step, whose input is the payload, by the policies before steps and by risk words of the input. */
export function approvalBeforeStep(question: ApprovalInput): ApprovalVerdict {
  return verdictOn(question, (policies) => {
    const { entries } = question;
    const causes = entries.flatMap((entry) => stepCauses(entry, policies, question));
    return [...causes, ...inputCauses(question, (entry) => findRunPolicy(policies, entry, question))];
  });
}

/** True if a policy before steps may require approval of the step, depending on an input that is not known yet. */
export function mayParkBefore(file: ApprovalFile, skill: string): boolean {
  if (file.status !== 'read') return false;
  return file.policies.some(
    ({ before, isRequired, covers }) => before === 'step' && isRequired && covers(skill),
  );
}

function verdictOn(
  question: ApprovalInput,
  causesIn: (policies: readonly ApprovalPolicy[]) => readonly Cause[],
): ApprovalVerdict {
  const { file } = question;
  if (file.status === 'invalid') {
    return { kind: 'deny', reason: 'policy_invalid', policy: APPROVAL_FILE, message: file.message };
  }
  const causes = causesIn(file.status === 'read' ? file.policies : []);
  if (causes.length === 0) return { kind: 'allow' };
  return { kind: 'needs_approval', requirement: requirementOf(causes, question) };
}

function inputsOf({ id }: SkillEntry, { inputs }: ApprovalInput): readonly (JsonValue | undefined)[] {
  return inputs.get(id) ?? [undefined];
}

/** The first policy before the run that covers the skill and is met by any of its inputs. */
function findRunPolicy(
  policies: readonly ApprovalPolicy[],
  entry: SkillEntry,
  question: ApprovalInput,
): ApprovalPolicy | undefined {
  return policies.find(
    (policy) => policy.before === 'run' && inputsMeeting(policy, entry, question).length > 0,
  );
}

/**
 * Causes of the policies before a step, for each input that is known: the run parks before it begins instead of before that
 * step. For other inputs they are evaluated at the step; a composition has no step, so it counts as meeting the conditions.
 */
function stepCauses(
  entry: SkillEntry,
  policies: readonly ApprovalPolicy[],
  question: ApprovalInput,
): readonly Cause[] {
  const isDecidedNow = (input: JsonValue | undefined) =>
    input !== undefined || entry.composition !== undefined;
  return inputsOf(entry, question)
    .filter(isDecidedNow)
    .flatMap((input) => {
      const isMet = (policy: ApprovalPolicy) =>
        policy.before === 'step' && applies(policy, entry, { input, question });
      const terms = policies.find(isMet);
      return terms?.isRequired ? [policyCause(entry, terms, [input])] : [];
    });
}

function inputsMeeting(
  policy: ApprovalPolicy,
  entry: SkillEntry,
  question: ApprovalInput,
): readonly (JsonValue | undefined)[] {
  return inputsOf(entry, question).filter((input) => applies(policy, entry, { input, question }));
}

function applies(
  policy: ApprovalPolicy,
  entry: SkillEntry,
  { input, question }: { readonly input: JsonValue | undefined; readonly question: ApprovalInput },
): boolean {
  if (!policy.covers(entry.id)) return false;
  if (policy.when.length === 0) return true;
  const attributes = attributesOf(question.caller, entry);
  const received = input === undefined ? undefined : receivedBy(entry, input);
  return areMet(policy.when, { input: received, attributes });
}

/** The input as the skill receives it. A text that is JSON counts as its value, because the skill may parse it. */
function receivedBy({ manifest }: SkillEntry, input: JsonValue): JsonValue {
  return valueIn(acceptStepInput(acceptsOf(manifest.inputs), input, defaultsOf(manifest.inputs)));
}

function policyCause(
  entry: SkillEntry,
  terms: ApprovalPolicy,
  inputs: readonly (JsonValue | undefined)[],
): Cause {
  const { id } = entry;
  const when = terms.when.length === 0 ? '' : ` when ${conditionsText(terms.when)}`;
  const seen = inputs.flatMap((input) =>
    input === undefined ? [] : fieldsSeen(terms.when, { skill: id, input: receivedBy(entry, input) }),
  );
  return { rule: terms.name, reason: `${terms.name} requires it: skill "${id}"${when}`, terms, seen };
}

/** Causes of one skill. A policy with `requires_approval: false` does not exempt from the other causes. */
function causesOf(
  entry: SkillEntry,
  terms: ApprovalPolicy | undefined,
  question: ApprovalInput,
): readonly Cause[] {
  const { id, manifest } = entry;
  const { name, description, tags, side_effects: sideEffects } = manifest;
  const skill = `skill "${id}"`;
  const risk = riskOf({ ids: [id], texts: [name, description, ...tags], sideEffects });
  return [
    ...(terms?.isRequired ? [policyCause(entry, terms, inputsMeeting(terms, entry, question))] : []),
    ...(sideEffects === 'destructive'
      ? [{ rule: 'destructive', reason: `destructive: ${skill}`, terms }]
      : []),
    ...risk.reasons.map((says) => ({ rule: 'high_risk', reason: `${skill}: ${says}`, terms })),
  ];
}

/** Causes in the input, under the terms of each skill, because the input may reach any of them. */
function inputCauses(
  { payload, entries }: ApprovalInput,
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

/** Combines the terms to the strictest. If several policies name approvers, a decider must be on each list. */
function requirementOf(causes: readonly Cause[], question: ApprovalInput): ApprovalRequirement {
  const { production, hasToken } = question;
  const terms = causes.map((cause) => cause.terms);
  const [approvers = [], ...furtherApprovers] = listsOf(terms);
  const counts = terms.flatMap((policy) => policy?.nOf ?? []);
  const allowSelf = terms.every((policy) => policy?.allowSelf ?? !production);
  return {
    policy: [...new Set(causes.map(({ rule }) => rule))].join(', '),
    reasons: [...new Set(causes.map(({ reason }) => reason))],
    ...seenFields(causes.flatMap(({ seen = [] }) => seen)),
    approvers,
    ...(furtherApprovers.length === 0 ? {} : { furtherApprovers }),
    nOf: Math.max(1, ...counts),
    allowSelf,
    timeoutMs: Math.min(...terms.map((policy) => policy?.timeoutMs ?? DEFAULT_APPROVAL_TIMEOUT_MS)),
    proof: hasToken,
    // A signal has no verified sender, so it counts only if anyone may decide.
    signals: !production && !hasToken && approvers.length === 0 && counts.length === 0 && allowSelf,
  };
}

/** The distinct lists of approvers. */
function listsOf(terms: readonly (ApprovalPolicy | undefined)[]): readonly (readonly string[])[] {
  const lists = terms.flatMap((policy) =>
    policy?.approvers.length ? [[...new Set(policy.approvers)].sort()] : [],
  );
  return [...new Map(lists.map((list) => [list.join('\n'), list])).values()];
}
