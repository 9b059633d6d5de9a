/** The file of approval policies: what it may say, and what it says. */
import * as z from 'zod';
import { DURATION_RULE, durationMs } from './duration.ts';
import { globMatcher } from './glob.ts';
import {
  invalidFile,
  listed,
  parsePolicies,
  policyId,
  repeatedName,
  skillGlob,
  word,
} from './policy-file.ts';
import type { AbsentFile, InvalidFile } from './policy-file.ts';

export const APPROVAL_FILE = 'policies/approval_policies.json';

/** The file as it stands now. */
export type ApprovalFile =
  AbsentFile | InvalidFile | { readonly status: 'read'; readonly policies: readonly ApprovalPolicy[] };

/** On whose word a skill runs. Of the policies that cover a skill the first counts. */
export interface ApprovalPolicy {
  /** Its `policy_id`, else `skill_policy`. */
  readonly name: string;
  readonly covers: (skill: string) => boolean;
  readonly isRequired: boolean;
  readonly approvers: readonly string[];
  readonly nOf?: number | undefined;
  readonly allowSelf?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
}

const MAX_TIMEOUT_MS = 366 * 86_400_000;

const flag = z.boolean('expected true or false');
const approver = word(200, 'expected role:<name>, user:<name>, or a name that is either').refine(
  (name) => !/^(role|user):\s*$/.test(name),
  { error: 'expected a name after the colon' },
);
const timeout = z.union([z.string(), z.number()], `expected ${DURATION_RULE}`).transform((value, ctx) => {
  const ms = durationMs(value);
  if (ms !== undefined && ms > 0 && ms <= MAX_TIMEOUT_MS) return ms;
  ctx.addIssue({ code: 'custom', message: `expected ${DURATION_RULE}, longer than 0 and at most 366d` });
  return z.NEVER;
});
const COUNT = 'expected a whole number from 1 to 100';

const policySchema = z
  .strictObject({
    skill_id: skillGlob,
    requires_approval: flag.default(true),
    policy_id: policyId,
    approvers: z
      .preprocess(listed, z.array(approver).min(1, 'expected at least one').max(100, 'expected at most 100'))
      .optional(),
    n_of: z.int(COUNT).min(1, COUNT).max(100, COUNT).optional(),
    allow_self: flag.optional(),
    timeout: timeout.optional(),
  })
  .refine(({ approvers, n_of = 1 }) => n_of <= mostDeciders(approvers), {
    path: ['n_of'],
    error: 'expected no more than there are approvers',
  });

const fileSchema = z.preprocess(
  (value) => (Array.isArray(value) ? { policies: value } : value),
  z.strictObject(
    { policies: z.array(policySchema, 'expected a list').max(10_000, 'expected at most 10000') },
    'expected an object or a list',
  ),
);

export function parseApprovalFile(text: string): ApprovalFile {
  const parsed = parsePolicies(fileSchema, text);
  if ('problem' in parsed) return invalidFile(APPROVAL_FILE, parsed.problem);
  const { policies } = parsed.value;
  const twice = repeatedName(policies.flatMap(({ policy_id }) => policy_id ?? []));
  if (twice !== undefined) return invalidFile(APPROVAL_FILE, twice);
  return { status: 'read', policies: policies.map(policyOf) };
}

function policyOf(policy: z.output<typeof policySchema>): ApprovalPolicy {
  return {
    name: policy.policy_id ?? 'skill_policy',
    covers: globMatcher(policy.skill_id),
    isRequired: policy.requires_approval,
    approvers: policy.approvers ?? [],
    nOf: policy.n_of,
    allowSelf: policy.allow_self,
    timeoutMs: policy.timeout,
  };
}

/** A role may be anybody’s. */
function mostDeciders(approvers: readonly string[] | undefined): number {
  const areUsers = approvers?.every((approver) => approver.startsWith('user:')) ?? false;
  return areUsers ? new Set(approvers).size : Infinity;
}
