/** Parses the file of permission policies. */
import * as z from 'zod';
import { sha256 } from '../values/digest.ts';
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
} from './policy-file.ts';
import type { AbsentFile, InvalidFile } from './policy-file.ts';

export const PERMISSION_FILE = 'policies/permission_policies.json';

/** The result of reading the file. `digest` is the SHA-256 of its text. */
export type PermissionFile =
  | AbsentFile
  | InvalidFile
  | { readonly status: 'read'; readonly rules: PermissionRules; readonly digest: string };

export interface PermissionRules {
  /** Permissions that each role grants, as glob patterns. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
  readonly policies: readonly SkillPolicy[];
  readonly attributePolicies: readonly AttributePolicy[];
}

interface Rule {
  /** The rule's `policy_id`, or its place in the file, such as `policies[1]`. */
  readonly name: string;
  /** The glob pattern of skill ids, as written in the file. */
  readonly skills: string;
  readonly covers: (skill: string) => boolean;
}

interface SkillPolicy extends Rule {
  readonly required: readonly string[];
}

export interface AttributePolicy extends Rule {
  readonly effect: 'allow' | 'deny';
  /** The rule applies if each attribute has one of its values. */
  readonly conditions: readonly { readonly attribute: string; readonly values: ReadonlySet<string> }[];
}

const permissions = z.preprocess(
  listed,
  z.array(word(200, 'expected a permission such as "admin:read"')).max(1000, 'expected at most 1000'),
);
const scalar = z
  .union([z.string(), z.number(), z.boolean()], 'expected a text, a number, true or false')
  .transform(String);
const values = z.preprocess(listed, z.array(scalar).min(1, 'expected at least one value').max(1000));

const skillPolicy = z
  .strictObject({
    skill_id: skillGlob,
    required_permissions: permissions.optional(),
    permissions: permissions.optional(),
    policy_id: policyId,
  })
  .refine((policy) => (policy.required_permissions === undefined) !== (policy.permissions === undefined), {
    error: 'expected either required_permissions or its alias permissions',
  });
const attributePolicy = z.strictObject({
  skill_id: skillGlob,
  effect: z.enum(['allow', 'deny'], 'expected "allow" or "deny"').default('allow'),
  conditions: z.record(z.string(), values, 'expected attributes and their values').default({}),
  policy_id: policyId,
});
const LIST = 'expected a list';
export const permissionFileSchema = z.strictObject(
  {
    ...schemaReference,
    roles: z
      .record(word(128, 'expected a name'), permissions, 'expected roles and what they grant')
      .default({}),
    policies: z.array(skillPolicy, LIST).max(10_000).default([]),
    abac_policies: z.array(attributePolicy, LIST).max(10_000).default([]),
  },
  'expected an object',
);

export function parsePermissionFile(text: string): PermissionFile {
  const parsed = parsePolicies(permissionFileSchema, text);
  if ('problem' in parsed) return invalidFile(PERMISSION_FILE, parsed.problem);
  const rules = rulesOf(parsed.value);
  const twice = repeatedName([...rules.policies, ...rules.attributePolicies].map((rule) => rule.name));
  if (twice !== undefined) return invalidFile(PERMISSION_FILE, twice);
  return { status: 'read', rules, digest: sha256(text) };
}

function rulesOf(file: z.output<typeof permissionFileSchema>): PermissionRules {
  return {
    roles: new Map(Object.entries(file.roles)),
    policies: file.policies.map(({ skill_id, required_permissions, permissions = [], policy_id }, index) => ({
      ...ruleOf(skill_id, policy_id ?? `policies[${index}]`),
      required: required_permissions ?? permissions,
    })),
    attributePolicies: file.abac_policies.map(({ skill_id, effect, conditions, policy_id }, index) => ({
      ...ruleOf(skill_id, policy_id ?? `abac_policies[${index}]`),
      effect,
      conditions: Object.entries(conditions).map(([attribute, texts]) => ({
        attribute,
        values: new Set(texts),
      })),
    })),
  };
}

function ruleOf(skills: string, name: string): Rule {
  return { name, skills, covers: globMatcher(skills) };
}
