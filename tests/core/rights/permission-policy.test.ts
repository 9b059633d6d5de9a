import type { SkillEntry } from '../../../core/skills/catalog.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import { mayRun } from '../../../core/rights/permission-policy.ts';
import type { Rights, Ruling } from '../../../core/rights/permission-policy.ts';
import type { Principal } from '../../../core/rights/principal.ts';
import { aRights, aSkill } from '../../support/builders.ts';

/** As requirement.txt has it. */
const REQUIREMENT = {
  roles: { admin: ['admin:read', 'admin:write'], viewer: ['admin:read'] },
  policies: [
    { skill_id: 'admin/*', required_permissions: ['admin:read'] },
    { skill_id: 'admin/delete_records', required_permissions: ['admin:write'] },
  ],
};

function decide(
  file: object,
  who: Partial<Principal> & { readonly tenant?: string },
  entry: SkillEntry = aSkill('admin/delete_records'),
): Ruling {
  const { tenant = 'default', ...principal } = who;
  return mayRun(rightsWith(file, { subject: 'ann', roles: [], via: 'local', ...principal }, tenant), entry);
}

function rightsWith(file: object, principal: Principal, tenant: string): Rights {
  return aRights({ principal, tenant, file: parsePermissionFile(JSON.stringify(file)) });
}

describe('the example of the requirement', () => {
  test.each<[string, readonly string[], boolean]>([
    ['admin/list_users', ['viewer'], true],
    ['admin/delete_records', ['viewer'], false],
    ['admin/list_users', ['admin'], true],
    ['admin/delete_records', ['admin'], true],
    ['admin/list_users', [], false],
    ['admin/list_users', ['guest'], false],
    ['admin/list_users', ['Viewer'], false],
    ['admin/list_users', ['constructor'], false],
    ['admin/delete_records', ['guest', 'admin'], true],
    ['travel/search_flights', [], true],
  ])('%s as %j: %s', (skill, roles, expected) => {
    expect(decide(REQUIREMENT, { roles }, aSkill(skill)).isAllowed).toBe(expected);
  });

  test('is independent of the order of policies', () => {
    const turned = { ...REQUIREMENT, policies: REQUIREMENT.policies.toReversed() };
    expect(decide(turned, { roles: ['viewer'] }).isAllowed).toBe(false);
  });

  test('is explained', () => {
    expect(decide(REQUIREMENT, { roles: ['viewer'] })).toEqual({
      isAllowed: false,
      reason: 'permission_denied',
      policy: 'policies[1] (admin/delete_records)',
      message: 'Skill "admin/delete_records" requires "admin:write", which role "viewer" does not grant',
      explain: [
        '"admin:read" is required by policies[0] (admin/*): granted by role "viewer": "admin:read"',
        '"admin:write" is required by policies[1] (admin/delete_records): missing',
        'Skill "admin/delete_records" requires "admin:write", which role "viewer" does not grant',
      ],
    });
  });
});

describe('a caller without the permission', () => {
  test.each<[Partial<Principal>, string]>([
    [{}, 'which a caller without a role does not have'],
    [{ roles: ['a', 'b'] }, 'which role "a", role "b" do not grant'],
    [{ via: 'jwt' }, 'which the token does not grant'],
  ])('%j is told so', (who, expected) => {
    expect(decide(REQUIREMENT, who)).toMatchObject({ message: expect.stringContaining(expected) });
  });
});

describe('permissions', () => {
  const file = (granted: readonly string[], required: readonly string[]) => ({
    roles: { r: granted },
    policies: [{ skill_id: '*', permissions: required }],
  });

  test.each<[readonly string[], readonly string[], boolean]>([
    [['admin:*'], ['admin:read', 'admin:write'], true],
    [['*'], ['anything/at:all'], true],
    [['admin:r?ad'], ['admin:read'], true],
    [['admin:[rw]*'], ['admin:read'], true],
    [['admin:read'], ['admin:*'], false],
    [['admin:*'], ['admin:*'], true],
    [['admin:*'], ['Admin:read'], false],
    [['admin'], ['admin:read'], false],
    [[], [], true],
    [[], ['x'], false],
  ])('granted %j satisfies required %j: %s', (granted, required, expected) => {
    expect(decide(file(granted, required), { roles: ['r'] }).isAllowed).toBe(expected);
  });

  test('are granted by a token too', () => {
    const who: Partial<Principal> = { via: 'jwt', permissions: ['admin:*'] };
    expect(decide(REQUIREMENT, who)).toMatchObject({
      isAllowed: true,
      explain: expect.arrayContaining([expect.stringContaining('granted by the token: "admin:*"')]),
    });
  });

  test('of the manifest count beside those of the policies', () => {
    const entry = aSkill('admin/list_users', { permissions: ['users:read', 'admin:read'] });
    expect(decide(REQUIREMENT, { roles: ['viewer'] }, entry)).toMatchObject({
      policy: 'its manifest',
      message: expect.stringContaining('"users:read"'),
    });
    const wider = { ...REQUIREMENT, roles: { viewer: ['admin:read', 'users:*'] } };
    expect(decide(wider, { roles: ['viewer'] }, entry)).toMatchObject({
      isAllowed: true,
      explain: expect.arrayContaining([
        expect.stringContaining('required by policies[0] (admin/*), its manifest'),
      ]),
    });
  });

  test('need not be any', () => {
    expect(decide({}, {})).toEqual({
      isAllowed: true,
      explain: ['Skill "admin/delete_records" requires no permission'],
    });
  });
});

describe('attributes', () => {
  const jwt = (attributes: Principal['attributes'] & object): Partial<Principal> => ({
    via: 'jwt',
    attributes,
  });
  const rule = (effect: string, conditions: object) => ({
    abac_policies: [{ skill_id: 'admin/*', effect, conditions, policy_id: 'rule' }],
  });

  test.each<[object, Partial<Principal> & { tenant?: string }, boolean]>([
    [{ team: 'ops' }, jwt({ team: 'ops' }), true],
    [{ team: ['dev', 'ops'] }, jwt({ team: 'ops' }), true],
    [{ team: 'ops' }, jwt({ team: ['dev', 'ops'] }), true],
    [{ team: 'ops' }, jwt({ team: 'dev' }), false],
    [{ team: 'ops' }, jwt({}), false],
    [{ team: 'ops' }, {}, false],
    [{ team: 'ops' }, jwt({ team: [] }), false],
    [{ level: 3 }, jwt({ level: '3' }), true],
    [{ trusted: true }, jwt({ trusted: true }), true],
    [{ trusted: true }, jwt({ trusted: false }), false],
    [{ team: 'ops', level: 3 }, jwt({ team: 'ops', level: 2 }), false],
    [{ toString: 'x' }, jwt({}), false],
    [{}, {}, true],
    [{ role: 'boss' }, { roles: ['clerk', 'boss'] }, true],
    [{ role: 'boss' }, { roles: ['clerk'] }, false],
    [{ subject: 'ann' }, {}, true],
    [{ via: 'jwt' }, {}, false],
    [{ via: 'jwt' }, jwt({}), true],
    [{ permissions: 'x:read' }, { via: 'jwt', permissions: ['x:read'] }, true],
    [{ tenant_id: 'acme' }, { tenant: 'acme' }, true],
    [{ tenant_id: 'acme' }, {}, false],
    [{ tags: 'danger' }, {}, true],
    [{ skill_id: 'admin/delete_records' }, {}, true],
  ])('conditions %j apply to %j: %s', (conditions, who, applies) => {
    const entry = aSkill('admin/delete_records', { tags: ['danger', 'x'] });
    expect(decide(rule('deny', conditions), who, entry).isAllowed).toBe(!applies);
    expect(decide(rule('allow', conditions), who, entry).isAllowed).toBe(applies);
  });

  test.each(['role', 'subject', 'via', 'permissions', 'tenant_id', 'tags', 'skill_id'])(
    'of a token never stand in for %s',
    (name) => {
      const entry = aSkill('admin/delete_records', { tags: ['danger'] });
      expect(decide(rule('allow', { [name]: 'forged' }), jwt({ [name]: 'forged' }), entry).isAllowed).toBe(
        false,
      );
      expect(decide(rule('deny', { tags: 'danger' }), jwt({ [name]: 'harmless' }), entry).isAllowed).toBe(
        false,
      );
    },
  );

  test('that deny win over every grant', () => {
    const file = { ...REQUIREMENT, ...rule('deny', { tags: 'frozen' }) };
    const entry = aSkill('admin/delete_records', { tags: ['frozen'] });
    expect(decide(file, { roles: ['admin'] }, entry)).toMatchObject({
      isAllowed: false,
      reason: 'permission_denied',
      policy: 'rule',
      message: 'Skill "admin/delete_records" is denied by rule',
    });
    expect(decide(file, { roles: ['admin'] }).isAllowed).toBe(true);
  });

  test('that deny win over those that allow', () => {
    const both = ['allow', 'deny'].map((effect) => ({ skill_id: '*', effect }));
    expect(decide({ abac_policies: both }, {}).isAllowed).toBe(false);
  });

  test('that allow do not replace permissions', () => {
    const file = { ...REQUIREMENT, ...rule('allow', {}) };
    expect(decide(file, { roles: ['viewer'] }).isAllowed).toBe(false);
    expect(decide(file, { roles: ['admin'] }).isAllowed).toBe(true);
  });

  test('that allow need one of them to apply, and only for the skills they are about', () => {
    const file = {
      abac_policies: [
        { skill_id: 'admin/*', conditions: { team: 'ops' } },
        { skill_id: 'admin/*', conditions: { role: 'boss' } },
      ],
    };
    expect(decide(file, { roles: ['boss'] })).toMatchObject({
      isAllowed: true,
      explain: expect.arrayContaining(['abac_policies[1] applies']),
    });
    expect(decide(file, {})).toMatchObject({
      policy: 'abac_policies[0], abac_policies[1]',
      explain: expect.arrayContaining([
        'allowed where abac_policies[0] (team is ops) applies',
        'Skill "admin/delete_records" is limited to callers with certain attributes, and none of abac_policies[0], abac_policies[1] applies',
      ]),
    });
    expect(decide(file, {}, aSkill('travel/search_flights')).isAllowed).toBe(true);
  });

  test('without conditions always apply, and say so', () => {
    expect(decide(rule('allow', {}), {})).toMatchObject({
      explain: expect.arrayContaining(['allowed where rule (always) applies']),
    });
  });
});

describe('a root without the file', () => {
  const entry = aSkill('a/b', { permissions: ['x'] });

  test('allows everything outside production', () => {
    expect(mayRun(aRights(), entry)).toEqual({
      isAllowed: true,
      explain: ['no policies/permission_policies.json: outside production everything is allowed'],
    });
  });

  test('allows nothing in production', () => {
    expect(mayRun(aRights({ production: true }), aSkill('a/b'))).toMatchObject({
      isAllowed: false,
      reason: 'permission_denied',
      message: 'No policies/permission_policies.json: production allows nothing without it',
    });
  });
});

test.each([true, false])(
  'a file that cannot be understood allows nothing; in production: %s',
  (production) => {
    const file = parsePermissionFile('{');
    expect(mayRun(aRights({ file, production }), aSkill('a/b'))).toMatchObject({
      isAllowed: false,
      reason: 'policy_invalid',
      policy: 'policies/permission_policies.json',
      message:
        'policies/permission_policies.json: is not JSON; nothing is allowed until the file is corrected',
    });
  },
);
