/** Parses the file of approval policies. */
import * as z from 'zod';
import { isPointer, POINTER_RULE } from '../values/json-pointer.ts';
import { DURATION_RULE, durationMs } from '../values/duration.ts';
import { globMatcher } from '../values/glob.ts';
import {
  invalidFile,
  listed,
  parsePolicies,
  policyId,
  repeatedName,
  schemaReference,
  skillGlob,
  word,
} from '../rights/policy-file.ts';
import type { AbsentFile, InvalidFile } from '../rights/policy-file.ts';
import { isPointerName } from './condition.ts';
import type { Condition, Test } from './condition.ts';

export const APPROVAL_FILE = 'policies/approval_policies.json';

/** The result of reading the file. */
export type ApprovalFile =
  AbsentFile | InvalidFile | { readonly status: 'read'; readonly policies: readonly ApprovalPolicy[] };

/** An approval policy. Of those before the run, and of those before a step, the first that covers a skill and is met applies. */
export interface ApprovalPolicy {
  /** Its `policy_id`, or `skill_policy`. */
  readonly name: string;
  readonly covers: (skill: string) => boolean;
  /** Conditions that must all be met; empty: always. */
  readonly when: readonly Condition[];
  /** `step`: evaluated right before the step, with its input. */
  readonly before: 'run' | 'step';
  readonly isRequired: boolean;
  readonly approvers: readonly string[];
  readonly nOf?: number | undefined;
  readonly allowSelf?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
}

const MAX_TIMEOUT_MS = 366 * 86_400_000;

const flag = z.boolean('expected true or false');
const approver = word(200, 'expected role:<name>, user:<name>, or a bare name').refine(
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

const scalar = z
  .union([z.string(), z.number(), z.boolean()], 'expected a text, a number, true or false')
  .transform(String);
const scalars = z.preprocess(
  listed,
  z.array(scalar).min(1, 'expected at least one value').max(1000, 'expected at most 1000'),
);
const bound = z.number('expected a number');
const tests = z
  .strictObject({
    eq: scalar.optional(),
    ne: scalar.optional(),
    in: scalars.optional(),
    not_in: scalars.optional(),
    gt: bound.optional(),
    gte: bound.optional(),
    lt: bound.optional(),
    lte: bound.optional(),
  })
  .refine((given) => Object.keys(given).length > 0, {
    error: 'expected eq, ne, in, not_in, gt, gte, lt or lte',
  });
const isSubject = (name: string) => (isPointerName(name) ? isPointer(name) : /^\P{Cc}+$/u.test(name));
const conditions = z
  .record(
    z.string(),
    z.preprocess((value) => (isTests(value) ? value : { in: value }), tests),
    'expected conditions by JSON pointer or attribute',
  )
  .superRefine((given, ctx) => {
    const names = Object.keys(given);
    if (names.length === 0) ctx.addIssue({ code: 'custom', message: 'expected at least one condition' });
    const wrong = names.find((name) => !isSubject(name));
    if (wrong === undefined) return;
    const message = `expected the name of an attribute, or ${POINTER_RULE}`;
    ctx.addIssue({ code: 'custom', path: [wrong], message });
  });

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
    when: conditions.optional(),
    before: z.enum(['run', 'step'], 'expected "run" or "step"').optional(),
  })
  .refine(({ approvers, n_of = 1 }) => n_of <= mostDeciders(approvers), {
    path: ['n_of'],
    error: 'expected at most the number of approvers',
  });

export const approvalFileSchema = z.preprocess(
  (value) => (Array.isArray(value) ? { policies: value } : value),
  z.strictObject(
    {
      ...schemaReference,
      policies: z.array(policySchema, 'expected a list').max(10_000, 'expected at most 10000'),
    },
    'expected an object or a list',
  ),
);

export function parseApprovalFile(text: string): ApprovalFile {
  const parsed = parsePolicies(approvalFileSchema, text);
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
    when: Object.entries(policy.when ?? {}).map(([on, given]) => ({ on, tests: testsOf(given) })),
    before: policy.before ?? (policy.when === undefined ? 'run' : 'step'),
    isRequired: policy.requires_approval,
    approvers: policy.approvers ?? [],
    nOf: policy.n_of,
    allowSelf: policy.allow_self,
    timeoutMs: policy.timeout,
  };
}

/** Values without an operator are those that ABAC policies list: one of them must be equal. */
function isTests(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function testsOf({
  eq,
  ne,
  in: values,
  not_in: excluded,
  ...bounds
}: z.output<typeof tests>): readonly Test[] {
  const lists = [
    ['in', eq === undefined ? undefined : [eq]],
    ['in', values],
    ['not_in', ne === undefined ? undefined : [ne]],
    ['not_in', excluded],
  ] as const;
  return [
    ...lists.flatMap(([operator, each]) => (each === undefined ? [] : [{ operator, values: each }])),
    ...(['gt', 'gte', 'lt', 'lte'] as const).flatMap((operator) => {
      const limit = bounds[operator];
      return limit === undefined ? [] : [{ operator, bound: limit }];
    }),
  ];
}

/** Highest possible number of deciders. It is unbounded with roles, which any number of people may have. */
function mostDeciders(approvers: readonly string[] | undefined): number {
  const areUsers = approvers?.every((approver) => approver.startsWith('user:')) ?? false;
  return areUsers ? new Set(approvers).size : Infinity;
}
