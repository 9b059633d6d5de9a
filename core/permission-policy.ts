/** Who may run which skill: by permissions of roles and tokens, and by attributes. */
import type { SkillEntry } from './catalog.ts';
import { globMatcher } from './glob.ts';
import { PERMISSION_FILE } from './permission-file.ts';
import type { AttributePolicy, PermissionFile, PermissionRules } from './permission-file.ts';
import type { Caller } from './principal.ts';
import type { Attribute, BlockReason, Principal } from './run.ts';

/** A caller, and what the policies of the root say. */
export interface Rights extends Caller {
  readonly file: PermissionFile;
  readonly production: boolean;
}

/** What was decided, by which rule, and how it came to that. */
export type Ruling =
  | { readonly isAllowed: true; readonly explain: readonly string[] }
  | {
      readonly isAllowed: false;
      readonly reason: BlockReason;
      readonly policy: string;
      readonly message: string;
      readonly explain: readonly string[];
    };

/** A deny that applies wins; then the skill's permissions must be granted, all of them; then an allow must apply. */
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
    const asked = allows.map(({ name }) => name).join(', ');
    return denied(
      asked,
      `Skill "${entry.id}" is allowed by attributes only, and none of ${asked} applies`,
      lines,
    );
  });
}

interface Requirement {
  readonly permission: string;
  /** The rules that require it. */
  readonly by: readonly string[];
}

/** Where there is no file: everything, but nothing in production. A file that cannot be understood allows nothing. */
export function withRules({ file, production }: Rights, decide: (rules: PermissionRules) => Ruling): Ruling {
  switch (file.status) {
    case 'read':
      return decide(file.rules);
    case 'invalid':
      return { ...denied(PERMISSION_FILE, file.message), reason: 'policy_invalid' };
    case 'absent':
      return production
        ? denied(PERMISSION_FILE, `No ${PERMISSION_FILE}: in production nothing is allowed without it`)
        : { isAllowed: true, explain: [`no ${PERMISSION_FILE}: outside production everything is allowed`] };
  }
}

/** Whether the principal is granted every permission. */
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

/** The union of what all matching policies and the manifest require. */
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
  return via === 'jwt' ? 'the token does not grant' : 'nobody without a role has';
}

/** Names of ours come last: a claim never stands in for what SkillOS itself knows. */
function attributesOf(
  { principal, tenant }: Rights,
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
  const reason: BlockReason = 'permission_denied';
  return { isAllowed: false as const, reason, policy, message, explain: [...explain, message] };
}
