import { parseApprovalFile } from '../../core/approval-file.ts';
import { approvalFor } from '../../core/approval-policy.ts';
import type { ApprovalQuestion, ApprovalVerdict } from '../../core/approval-policy.ts';
import type { ApprovalRequirement } from '../../core/approval.ts';
import type { JsonObject } from '../../core/json.ts';
import { anEntry } from '../support/entries.ts';

const DAY_MS = 86_400_000;
const READ = { side_effects: 'read' };

const search = anEntry('travel/search_flights', READ);
const closing = anEntry('finance/close_books');
const paying = anEntry('finance/pay_invoice');
const deleting = anEntry('admin/delete_records', { side_effects: 'destructive' });

function ask(policies: readonly JsonObject[], more: Partial<ApprovalQuestion> = {}): ApprovalVerdict {
  const file = parseApprovalFile(JSON.stringify(policies));
  return approvalFor({ entries: [search], payload: 'x', file, production: false, hasToken: false, ...more });
}

function requirementFor(
  policies: readonly JsonObject[],
  more: Partial<ApprovalQuestion> = {},
): ApprovalRequirement {
  const verdict = ask(policies, more);
  if (verdict.kind !== 'needs_approval') throw new Error(`Expected a requirement, got ${verdict.kind}`);
  return verdict.requirement;
}

const policy = (skill_id: string, more: JsonObject = {}): JsonObject => ({ skill_id, ...more });

describe('approvalFor', () => {
  test('allows what no policy covers, declares no destruction and speaks of none', () => {
    expect(ask([policy('finance/*')])).toEqual({ kind: 'allow' });
    expect(ask([], { file: { status: 'absent' }, production: true })).toEqual({ kind: 'allow' });
  });

  test('denies everything where the file cannot be understood', () => {
    const file = parseApprovalFile('{');
    expect(ask([], { file })).toEqual({
      kind: 'deny',
      reason: 'policy_invalid',
      policy: 'policies/approval_policies.json',
      message: 'policies/approval_policies.json: is not JSON; until it is mended nothing is allowed',
    });
  });

  test('asks where a policy says so, on the terms of one person’s machine', () => {
    expect(requirementFor([policy('finance/close_books')], { entries: [closing] })).toEqual({
      policy: 'skill_policy',
      reasons: ['skill_policy asks for it: skill "finance/close_books"'],
      approvers: [],
      nOf: 1,
      allowSelf: true,
      timeoutMs: 7 * DAY_MS,
      proof: false,
      signals: true,
    });
  });

  test('lets nobody decide on their own in production, and no signal count', () => {
    const requirement = requirementFor([policy('*')], { production: true });
    expect(requirement).toMatchObject({ allowSelf: false, signals: false });
    const own = requirementFor([policy('*', { allow_self: true })], { production: true });
    expect(own).toMatchObject({ allowSelf: true, signals: false });
  });

  test('takes the first policy that covers a skill', () => {
    const policies = [policy('finance/pay_*', { requires_approval: false }), policy('finance/*')];
    expect(ask(policies, { entries: [paying] })).toEqual({ kind: 'allow' });
    expect(requirementFor(policies, { entries: [paying, closing] }).reasons).toEqual([
      'skill_policy asks for it: skill "finance/close_books"',
    ]);
  });

  test('asks for what declares destruction, and names every rule', () => {
    expect(requirementFor([], { entries: [deleting] })).toMatchObject({
      policy: 'destructive, high_risk',
      reasons: [
        'destructive: skill "admin/delete_records"',
        'skill "admin/delete_records": the id admin/delete_records says "delete"',
      ],
    });
  });

  test('asks in spite of a policy that requires nothing, but on its terms', () => {
    const lax = policy('admin/*', { requires_approval: false, approvers: 'role:admin', timeout: '1h' });
    expect(requirementFor([lax], { entries: [deleting] })).toMatchObject({
      policy: 'destructive, high_risk',
      approvers: ['role:admin'],
      timeoutMs: 3_600_000,
    });
  });

  test.each([
    ['name', { name: 'Purge logs' }],
    ['description', { description: 'Removes entries' }],
    ['tags', { tags: ['ops', 'wipe'] }],
  ])('asks for a skill whose %s speaks of destruction', (_field, fields) => {
    expect(requirementFor([], { entries: [anEntry('ops/tidy', fields)] }).policy).toBe('high_risk');
  });

  test('lets a skill that changes nothing speak of removing', () => {
    const tidying = anEntry('text/tidy', { description: 'Removes duplicates', side_effects: 'none' });
    expect(ask([], { entries: [tidying], payload: 'remove extra spaces' })).toEqual({ kind: 'allow' });
    expect(requirementFor([], { entries: [tidying, closing], payload: 'remove it' }).policy).toBe(
      'high_risk',
    );
  });

  test.each([['delete all bookings'], [{ request: { text: 'удали всё' } }], [['x', { purge_all: true }]]])(
    'asks for the input %j, and does not repeat it',
    (payload) => {
      const { policy: rule, reasons } = requirementFor([], { payload, entries: [search, closing] });
      expect(rule).toBe('high_risk');
      expect(reasons).toHaveLength(1);
      expect(reasons[0]).toMatch(/^the input: the text says "(delete|удалить|purge)"$/);
    },
  );

  test('merges what several skills require into the strictest terms', () => {
    const policies = [
      policy('finance/close_books', {
        policy_id: 'closing',
        approvers: ['role:cfo', 'ann'],
        n_of: 2,
        timeout: '2d',
      }),
      policy('finance/*', { policy_id: 'money', approvers: ['role:cfo'], n_of: 3, timeout: '3d' }),
      policy('admin/*', { policy_id: 'admin', approvers: ['ann', 'role:cfo', 'ann'], allow_self: false }),
    ];
    expect(requirementFor(policies, { entries: [closing, paying, deleting] })).toMatchObject({
      policy: 'closing, money, admin, destructive, high_risk',
      approvers: ['ann', 'role:cfo'],
      furtherApprovers: [['role:cfo']],
      nOf: 3,
      allowSelf: false,
      timeoutMs: 2 * DAY_MS,
    });
  });

  test('takes the default wait where a policy would wait longer for another skill', () => {
    const patient = [policy('finance/*', { timeout: '30d' })];
    expect(requirementFor(patient, { entries: [closing] }).timeoutMs).toBe(30 * DAY_MS);
    expect(requirementFor(patient, { entries: [closing, deleting] }).timeoutMs).toBe(7 * DAY_MS);
  });

  test.each<[string, JsonObject, Partial<ApprovalQuestion>]>([
    ['there is a token', {}, { hasToken: true }],
    ['approvers are named', { approvers: 'ann' }, {}],
    ['a number of approvers is set', { n_of: 1 }, {}],
    ['who asks may not decide', { allow_self: false }, {}],
    ['it is production', { allow_self: true }, { production: true }],
  ])('lets no signal count where %s', (_what, terms, more) => {
    expect(requirementFor([policy('*', terms)], more).signals).toBe(false);
    expect(requirementFor([policy('*', terms)], more).proof).toBe(more.hasToken ?? false);
  });
});
