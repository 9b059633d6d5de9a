import { parseApprovalFile } from '../../../core/approvals/approval-file.ts';
import type { ApprovalPolicy } from '../../../core/approvals/approval-file.ts';

function policiesOf(file: unknown): readonly ApprovalPolicy[] {
  const parsed = parseApprovalFile(JSON.stringify(file));
  if (parsed.status !== 'read') throw new Error(`Expected policies, got ${JSON.stringify(parsed)}`);
  return parsed.policies;
}

/** What is wrong with it, without what every message says. */
function problemOf(file: unknown): string | undefined {
  const parsed = parseApprovalFile(typeof file === 'string' ? file : JSON.stringify(file));
  if (parsed.status !== 'invalid') return undefined;
  const [, problem] =
    /^policies\/approval_policies\.json: (.*); nothing is allowed until the file is corrected$/s.exec(
      parsed.message,
    ) as RegExpExecArray;
  return problem;
}

const closing = { skill_id: 'finance/close_books', requires_approval: true };

describe('parseApprovalFile', () => {
  test.each([
    ['an object', { policies: [closing] }],
    ['a bare list', [closing]],
  ])('reads %s', (_what, file) => {
    expect(policiesOf(file)).toMatchObject([{ name: 'skill_policy', isRequired: true, approvers: [] }]);
  });

  test('reads every field', () => {
    const file = [
      {
        skill_id: 'finance/*',
        requires_approval: false,
        policy_id: 'money',
        approvers: ['role:cfo', 'user:ann', 'controller'],
        n_of: 2,
        allow_self: false,
        timeout: '2h',
      },
    ];
    const [policy] = policiesOf(file) as [ApprovalPolicy];
    expect(policy).toMatchObject({
      name: 'money',
      isRequired: false,
      approvers: ['role:cfo', 'user:ann', 'controller'],
      nOf: 2,
      allowSelf: false,
      timeoutMs: 7_200_000,
    });
    expect(policy.covers('finance/close_books')).toBe(true);
    expect(policy.covers('admin/list_users')).toBe(false);
  });

  test.each<[object, 'run' | 'step']>([
    [{}, 'run'],
    [{ before: 'step' }, 'step'],
    [{ when: { role: 'intern' } }, 'step'],
    [{ when: { role: 'intern' }, before: 'run' }, 'run'],
  ])('applies %j before the %s', (more, before) => {
    expect(policiesOf([{ skill_id: '*', ...more }])).toMatchObject([{ before }]);
  });

  test('requires approval by default', () => {
    expect(policiesOf([{ skill_id: '*' }])).toMatchObject([{ isRequired: true }]);
  });

  test('takes one approver for a list of one, and a bare number for seconds', () => {
    expect(policiesOf([{ skill_id: '*', approvers: 'ann', timeout: 90 }])).toMatchObject([
      { approvers: ['ann'], timeoutMs: 90_000 },
    ]);
  });

  test.each([[{ policies: [] }], [[]]])('takes %j as no policies', (file) => {
    expect(policiesOf(file)).toEqual([]);
  });

  test.each<[unknown, string]>([
    ['', 'is not JSON'],
    ['{"policies": [', 'is not JSON'],
    ['{"policies": [], "policies": []}', 'name "policies" is repeated in one object or reserved'],
    ['{"policies": [{"__proto__": 1}]}', 'name "__proto__" is repeated in one object or reserved'],
    [null, 'expected an object or a list'],
    ['"text"', 'expected an object or a list'],
    [{}, 'policies: expected a list'],
    [{ policies: {} }, 'policies: expected a list'],
    [{ policies: [], rules: [] }, 'unknown field "rules"'],
    [[{ ...closing, approver: 'ann' }], 'policies[0]: unknown field "approver"'],
    [
      [{ requires_approval: true }],
      'policies[0].skill_id: expected a skill id or a pattern of ids, such as "admin/*"',
    ],
    [[{ ...closing, requires_approval: 'false' }], 'policies[0].requires_approval: expected true or false'],
    [
      [closing, { ...closing, requires_approval: 0 }],
      'policies[1].requires_approval: expected true or false',
    ],
    [[{ ...closing, allow_self: 'no' }], 'policies[0].allow_self: expected true or false'],
    [[{ ...closing, policy_id: '' }], 'policies[0].policy_id: expected a name'],
    [[{ ...closing, before: 'never' }], 'policies[0].before: expected "run" or "step"'],
    [[{ ...closing, when: {} }], 'policies[0].when: expected at least one condition'],
    [[{ ...closing, when: [] }], 'policies[0].when: expected conditions by JSON pointer or attribute'],
    [
      [{ ...closing, when: { '/a~2': 1 } }],
      'policies[0].when./a~2: expected the name of an attribute, or a JSON pointer such as /data/object, or "" for the whole document',
    ],
    [
      [{ ...closing, when: { '/a': {} } }],
      'policies[0].when./a: expected eq, ne, in, not_in, gt, gte, lt or lte',
    ],
    [[{ ...closing, when: { '/a': { gt: '5' } } }], 'policies[0].when./a.gt: expected a number'],
    [[{ ...closing, when: { '/a': { above: 5 } } }], 'policies[0].when./a: unknown field "above"'],
    [[{ ...closing, when: { '/a': [] } }], 'policies[0].when./a.in: expected at least one value'],
    [
      [{ ...closing, when: { role: null } }],
      'policies[0].when.role.in[0]: expected a text, a number, true or false',
    ],
    [[{ ...closing, approvers: [] }], 'policies[0].approvers: expected at least one'],
    [
      [{ ...closing, approvers: [7] }],
      'policies[0].approvers[0]: expected role:<name>, user:<name>, or a bare name',
    ],
    [[{ ...closing, approvers: ['role:'] }], 'policies[0].approvers[0]: expected a name after the colon'],
    [[{ ...closing, n_of: 0 }], 'policies[0].n_of: expected a whole number from 1 to 100'],
    [[{ ...closing, n_of: 1.5 }], 'policies[0].n_of: expected a whole number from 1 to 100'],
    [[{ ...closing, n_of: '2' }], 'policies[0].n_of: expected a whole number from 1 to 100'],
    [[{ ...closing, n_of: 101 }], 'policies[0].n_of: expected a whole number from 1 to 100'],
    [
      [{ ...closing, n_of: 2, approvers: ['user:ann', 'user:ann'] }],
      'policies[0].n_of: expected at most the number of approvers',
    ],
    [
      [{ ...closing, timeout: '0s' }],
      'policies[0].timeout: expected a duration such as 200ms, 2s, 10m, 1h or 7d (a bare number is seconds), longer than 0 and at most 366d',
    ],
    [
      [{ ...closing, timeout: '367d' }],
      'policies[0].timeout: expected a duration such as 200ms, 2s, 10m, 1h or 7d (a bare number is seconds), longer than 0 and at most 366d',
    ],
    [
      [{ ...closing, timeout: 'soon' }],
      'policies[0].timeout: expected a duration such as 200ms, 2s, 10m, 1h or 7d (a bare number is seconds), longer than 0 and at most 366d',
    ],
    [
      [{ ...closing, timeout: true }],
      'policies[0].timeout: expected a duration such as 200ms, 2s, 10m, 1h or 7d (a bare number is seconds)',
    ],
    [
      [
        { ...closing, policy_id: 'x' },
        { ...closing, policy_id: 'x' },
      ],
      'policy_id "x" is used twice',
    ],
  ])('refuses %j', (file, problem) => {
    expect(problemOf(file === null ? 'null' : file)).toBe(problem);
  });

  test('lets a role or a bare name be many people', () => {
    for (const approvers of [['role:cfo'], ['controller'], ['user:ann', 'user:bob']]) {
      expect(problemOf([{ ...closing, approvers, n_of: 2 }])).toBeUndefined();
    }
  });
});
