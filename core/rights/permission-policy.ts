/** Decides who may run a skill, by permissions of roles and tokens and by attributes. */
import type { SkillEntry } from '../skills/catalog.ts';
import { globMatcher } from '../values/glob.ts';
import { PERMISSION_FILE } from './permission-file.ts';
import type { AttributePolicy, PermissionFile, PermissionRules } from './permission-file.ts';
import type { Caller } from './caller.ts';
import type { ErrorCode } from '../errors/error-codes.ts';
import type { Attribute, Principal } from './principal.ts';

/** A caller with the permission policies of the root. */
export interface Rights extends Caller {
  readonly file: PermissionFile;
  readonly production: boolean;
}

/** A decision, the rule that made it, and an explanation line by line. */
export type Ruling =
  | { readonly isAllowed: true; readonly explain: readonly string[] }
  | {
      readonly isAllowed: false;
      readonly reason: Extract<ErrorCode, 'permission_denied' | 'policy_invalid'>;
      readonly policy: string;
      readonly message: string;
      /** What the caller can do; default is the remedy of the reason. */
      readonly hint?: string;
      readonly explain: readonly string[];
    };

/**
 * Decides if the caller may run a skill: denied if a deny policy applies; otherwise all required permissions must be
 * granted; if allow policies cover the skill, one of them must apply.
 */
export function mayRun(rights: Rights, entry: SkillEntry): Ruling {
  return withRules(rights, (rules) => {
    const applies = attributeTest(attributesOf(rights, entry));
    const about = rules.attributePolicies.filter((policy) => policy.covers(entry.id));
    const denying = about.find((policy) => policy.effect === 'deny' && applies(policy));
    if (denying !== undefined) {
      return denied(denying.name, `Skill "${entry.id}" is denied by ${denying.name}`);
    }
    const granted = requireAll(rights.principal, rules, {
      what: `Skill "${entry.id}"`,
      required: requirementsOf(entry, rules),
    });
    const allows = about.filter((policy) => policy.effect === 'allow');
    if (!granted.isAllowed || allows.length === 0) return granted;
    const allowing = allows.find(applies);
    const lines = [...granted.explain, ...allows.map((policy) => `allowed where ${textOf(policy)} applies`)];
    if (allowing !== undefined) return { isAllowed: true, explain: [...lines, `${allowing.name} applies`] };
    const policies = allows.map(({ name }) => name).join(', ');
    return denied(
      policies,
      `Skill "${entry.id}" is limited to callers with certain attributes, and none of ${policies} applies`,
      lines,
    );
  });
}

/** The first denial among the skills, or else that all of them are allowed. */
export function mayRunAll(rights: Rights, entries: readonly SkillEntry[]): Ruling {
  const rulings = entries.map((entry) => mayRun(rights, entry));
  const denied = rulings.find(({ isAllowed }) => !isAllowed);
  return denied ?? { isAllowed: true, explain: rulings.flatMap(({ explain }) => explain) };
}

interface Requirement {
  readonly permission: string;
  /** Names of the rules that require the permission. */
  readonly by: readonly string[];
}

/** Decides by the rules of the file. Without a file all is allowed outside production; an invalid file allows nothing. */
export function withRules({ file, production }: Rights, decide: (rules: PermissionRules) => Ruling): Ruling {
  switch (file.status) {
    case 'read':
      return decide(file.rules);
    case 'invalid':
      return { ...denied(PERMISSION_FILE, file.message), reason: 'policy_invalid' };
    case 'absent':
      return production
        ? denied(PERMISSION_FILE, `No ${PERMISSION_FILE}: production allows nothing without it`)
        : { isAllowed: true, explain: [`no ${PERMISSION_FILE}: outside production everything is allowed`] };
  }
}

/** Decides if the principal has all required permissions. `what` begins the messages, such as `Skill "a/b"`. */
export function requireAll(
  principal: Principal,
  rules: PermissionRules,
  { what, required }: { readonly what: string; readonly required: readonly Requirement[] },
): Ruling {
  const grants = grantsOf(principal, rules);
  const checked = required.map(({ permission, by }) => ({
    permission,
    by,
    grant: grants.find((grant) => grant.matches(permission)),
  }));
  const explain = [
    ...(required.length === 0 ? [`${what} requires no permission`] : []),
    ...checked.map(({ permission, by, grant }) => {
      const answer = grant === undefined ? 'missing' : `granted by ${grant.holder}: "${grant.glob}"`;
      return `"${permission}" is required by ${by.join(', ')}: ${answer}`;
    }),
  ];
  const missing = checked.filter(({ grant }) => grant === undefined);
  if (missing.length === 0) return { isAllowed: true, explain };
  const lacking = missing.map(({ permission }) => `"${permission}"`).join(', ');
  const policy = [...new Set(missing.flatMap(({ by }) => by))].join(', ');
  return denied(policy, `${what} requires ${lacking}, which ${holdersOf(principal)}`, explain);
}

/** The permissions that matching policies and the manifest require. */
function requirementsOf({ id, manifest }: SkillEntry, rules: PermissionRules): readonly Requirement[] {
  const by = new Map<string, string[]>();
  const add = (permission: string, rule: string) => by.set(permission, [...(by.get(permission) ?? []), rule]);
  for (const { name, skills, covers, required } of rules.policies) {
    if (covers(id)) for (const permission of required) add(permission, `${name} (${skills})`);
  }
  for (const permission of manifest.permissions) add(permission, 'its manifest');
  return [...by].map(([permission, rulesOf]) => ({ permission, by: rulesOf }));
}

function grantsOf(principal: Principal, rules: PermissionRules) {
  const grants = (holder: string, globs: readonly string[]) =>
    globs.map((glob) => ({ glob, holder, matches: globMatcher(glob) }));
  return [
    ...principal.roles.flatMap((role) => grants(`role "${role}"`, rules.roles.get(role) ?? [])),
    ...grants('the token', principal.permissions ?? []),
  ];
}

function holdersOf({ roles, via }: Principal): string {
  if (roles.length > 0) {
    return `${roles.map((role) => `role "${role}"`).join(', ')} ${roles.length === 1 ? 'does' : 'do'} not grant`;
  }
  return via === 'jwt' ? 'the token does not grant' : 'a caller without a role does not have';
}

/** The attributes that conditions compare. Those of SkillOS override claims of the token with the same name. */
export function attributesOf(
  { principal, tenant }: Caller,
  { id, manifest }: SkillEntry,
): ReadonlyMap<string, Attribute> {
  const own: Readonly<Record<string, Attribute>> = {
    role: principal.roles,
    subject: principal.subject,
    via: principal.via,
    permissions: principal.permissions ?? [],
    tenant_id: tenant,
    tags: manifest.tags,
    skill_id: id,
  };
  return new Map([...Object.entries(principal.attributes ?? {}), ...Object.entries(own)]);
}

function attributeTest(attributes: ReadonlyMap<string, Attribute>): (policy: AttributePolicy) => boolean {
  return ({ conditions }) =>
    conditions.every(({ attribute, values }) => {
      const value = attributes.get(attribute) ?? [];
      return [value].flat().some((item) => values.has(String(item)));
    });
}

function textOf({ name, conditions }: AttributePolicy): string {
  const texts = conditions.map(({ attribute, values }) => `${attribute} is ${[...values].join(' or ')}`);
  return `${name} (${texts.join(' and ') || 'always'})`;
}

function denied(policy: string, message: string, explain: readonly string[] = []) {
  const reason: Extract<ErrorCode, 'permission_denied' | 'policy_invalid'> = 'permission_denied';
  return { isAllowed: false as const, reason, policy, message, explain: [...explain, message] };
}
