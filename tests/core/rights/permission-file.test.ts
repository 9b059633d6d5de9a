import { parsePermissionFile } from '../../../core/rights/permission-file.ts';

/** What is wrong with it, without what every message says. */
function problemOf(file: unknown): string | undefined {
  const parsed = parsePermissionFile(typeof file === 'string' ? file : JSON.stringify(file));
  if (parsed.status !== 'invalid') return undefined;
  const [, problem] =
    /^policies\/permission_policies\.json: (.*); nothing is allowed until the file is corrected$/s.exec(
      parsed.message,
    ) as RegExpExecArray;
  return problem;
}

const policy = { skill_id: 'a/*', required_permissions: ['a:read'] };
const deny = { skill_id: 'a/*', effect: 'deny', conditions: { tags: 'x' } };

describe('parsePermissionFile', () => {
  test('reads roles, policies and attribute policies', () => {
    const parsed = parsePermissionFile(
      JSON.stringify({
        roles: { admin: ['a:*', 'b'], viewer: 'a:read', nobody: [] },
        policies: [
          policy,
          { skill_id: 'b/c', permissions: 'b', policy_id: 'B' },
          { skill_id: '*', permissions: [] },
        ],
        abac_policies: [
          deny,
          { skill_id: '*', conditions: { level: [1, '2', true], team: 'x' }, policy_id: 'teams' },
        ],
      }),
    );
    expect(parsed).toMatchObject({
      status: 'read',
      rules: {
        roles: new Map([
          ['admin', ['a:*', 'b']],
          ['viewer', ['a:read']],
          ['nobody', []],
        ]),
        policies: [
          { name: 'policies[0]', skills: 'a/*', required: ['a:read'] },
          { name: 'B', skills: 'b/c', required: ['b'] },
          { name: 'policies[2]', required: [] },
        ],
        attributePolicies: [
          {
            name: 'abac_policies[0]',
            effect: 'deny',
            conditions: [{ attribute: 'tags', values: new Set(['x']) }],
          },
          {
            name: 'teams',
            effect: 'allow',
            conditions: [
              { attribute: 'level', values: new Set(['1', '2', 'true']) },
              { attribute: 'team', values: new Set(['x']) },
            ],
          },
        ],
      },
    });
  });

  test('takes an empty object as no rules', () => {
    expect(parsePermissionFile('{}')).toEqual({
      status: 'read',
      rules: { roles: new Map(), policies: [], attributePolicies: [] },
      digest: '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    });
  });

  test.each<[unknown, string]>([
    ['', 'is not JSON'],
    ['{"roles": {}', 'is not JSON'],
    ['{} // no', 'is not JSON'],
    ['null', 'expected an object'],
    [[], 'expected an object'],
    ['"admin"', 'expected an object'],
    ['{"roles": {}, "roles": {}}', 'name "roles" is repeated in one object or reserved'],
    ['{"roles": {"a": [], "\\u0061": ["*"]}}', 'name "a" is repeated in one object or reserved'],
    [
      '{"abac_policies": [{"skill_id": "*", "conditions": {"__proto__": "x"}}]}',
      'name "__proto__" is repeated in one object or reserved',
    ],
    [{ role: {} }, 'unknown field "role"'],
    [{ roles: {}, x: 1, y: 2 }, 'unknown field "x", "y"'],
    [{ roles: [] }, 'roles: expected roles and what they grant'],
    [{ roles: { admin: 1 } }, 'roles.admin[0]: expected a permission such as "admin:read"'],
    [{ roles: { admin: ['a', ''] } }, 'roles.admin[1]: expected a permission such as "admin:read"'],
    [{ roles: { admin: ['a\nb'] } }, 'roles.admin[0]: expected a permission such as "admin:read"'],
    [{ roles: { admin: { '*': true } } }, 'roles.admin[0]: expected a permission such as "admin:read"'],
    [{ policies: {} }, 'policies: expected a list'],
    [{ policies: ['admin/*'] }, expect.stringMatching(/^policies\[0\]: /)],
    [
      { policies: [policy, { required_permissions: ['x'] }] },
      expect.stringMatching(/^policies\[1\]\.skill_id: expected a skill id/),
    ],
    [
      { policies: [{ ...policy, skill_id: 7 }] },
      expect.stringMatching(/^policies\[0\]\.skill_id: expected a skill id/),
    ],
    [
      { policies: [{ ...policy, skill_id: 'x'.repeat(257) }] },
      expect.stringMatching(/^policies\[0\]\.skill_id: /),
    ],
    [
      { policies: [{ skill_id: 'a/*' }] },
      'policies[0]: expected either required_permissions or its alias permissions',
    ],
    [
      { policies: [{ ...policy, permissions: ['x'] }] },
      'policies[0]: expected either required_permissions or its alias permissions',
    ],
    [{ policies: [{ ...policy, required: ['x'] }] }, 'policies[0]: unknown field "required"'],
    [{ policies: [{ ...policy, policy_id: '' }] }, 'policies[0].policy_id: expected a name'],
    [
      { policies: [{ ...policy, required_permissions: null }] },
      expect.stringMatching(/^policies\[0\]\.required_permissions/),
    ],
    [
      { abac_policies: [{ ...deny, effect: 'forbid' }] },
      'abac_policies[0].effect: expected "allow" or "deny"',
    ],
    [
      { abac_policies: [{ ...deny, conditions: [] }] },
      'abac_policies[0].conditions: expected attributes and their values',
    ],
    [
      { abac_policies: [{ ...deny, conditions: { a: [] } }] },
      'abac_policies[0].conditions.a: expected at least one value',
    ],
    [
      { abac_policies: [{ ...deny, conditions: { a: [null] } }] },
      'abac_policies[0].conditions.a[0]: expected a text, a number, true or false',
    ],
    [{ abac_policies: [{ ...deny, condition: {} }] }, 'abac_policies[0]: unknown field "condition"'],
    [
      { policies: [{ ...policy, policy_id: 'x' }], abac_policies: [{ ...deny, policy_id: 'x' }] },
      'policy_id "x" is used twice',
    ],
    [{ policies: Array.from({ length: 10_001 }, () => policy) }, expect.stringMatching(/^policies: /)],
  ])('refuses %j', (file, problem) => {
    expect(problemOf(file)).toEqual(problem);
  });
});
