import { parseApprovalFile } from '../../../core/approvals/approval-file.ts';
import { approvalBeforeStep, approvalFor, mayParkBefore } from '../../../core/approvals/approval-policy.ts';
import type { ApprovalInput, ApprovalVerdict } from '../../../core/approvals/approval-policy.ts';
import type { ApprovalRequirement } from '../../../core/approvals/approval.ts';
import type { JsonObject } from '../../../core/json.ts';
import { anEntry } from '../../support/entries.ts';

const DAY_MS = 86_400_000;
const DEEP = '['.repeat(20_000) + ']'.repeat(20_000);
const READ = { side_effects: 'read' };

const search = anEntry('travel/search_flights', READ);
const closing = anEntry('finance/close_books');
const paying = anEntry('finance/pay_invoice');
const deleting = anEntry('admin/delete_records', { side_effects: 'destructive' });

function question(file: ApprovalInput['file'], more: Partial<ApprovalInput> = {}): ApprovalInput {
  return {
    entries: [search],
    payload: 'x',
    inputs: new Map(),
    caller: { principal: { subject: 'ann', roles: ['intern'], via: 'local' }, tenant: 'default' },
    file,
    production: false,
    hasToken: false,
    ...more,
  };
}

function ask(policies: readonly JsonObject[], more: Partial<ApprovalInput> = {}): ApprovalVerdict {
  const file = parseApprovalFile(JSON.stringify(policies));
  return approvalFor(question(file, more));
}

function requirementFor(
  policies: readonly JsonObject[],
  more: Partial<ApprovalInput> = {},
): ApprovalRequirement {
  const verdict = ask(policies, more);
  if (verdict.kind !== 'needs_approval') throw new Error(`Expected a requirement, got ${verdict.kind}`);
  return verdict.requirement;
}

const policy = (skill_id: string, more: JsonObject = {}): JsonObject => ({ skill_id, ...more });

describe('approvalFor', () => {
  test('allows a plan without policy, destructive skill or risk word', () => {
    expect(ask([policy('finance/*')])).toEqual({ kind: 'allow' });
    expect(ask([], { file: { status: 'absent' }, production: true })).toEqual({ kind: 'allow' });
  });

  test('denies everything if the file is invalid', () => {
    const file = parseApprovalFile('{');
    expect(ask([], { file })).toEqual({
      kind: 'deny',
      reason: 'policy_invalid',
      policy: 'policies/approval_policies.json',
      message: 'policies/approval_policies.json: is not JSON; nothing is allowed until the file is corrected',
    });
  });

  test('requires approval by policy, with the defaults outside production', () => {
    expect(requirementFor([policy('finance/close_books')], { entries: [closing] })).toEqual({
      policy: 'skill_policy',
      reasons: ['skill_policy requires it: skill "finance/close_books"'],
      approvers: [],
      nOf: 1,
      allowSelf: true,
      timeoutMs: 7 * DAY_MS,
      proof: false,
      signals: true,
    });
  });

  test('forbids self-approval and signals in production', () => {
    const requirement = requirementFor([policy('*')], { production: true });
    expect(requirement).toMatchObject({ allowSelf: false, signals: false });
    const own = requirementFor([policy('*', { allow_self: true })], { production: true });
    expect(own).toMatchObject({ allowSelf: true, signals: false });
  });

  test('takes the first policy that covers a skill', () => {
    const policies = [policy('finance/pay_*', { requires_approval: false }), policy('finance/*')];
    expect(ask(policies, { entries: [paying] })).toEqual({ kind: 'allow' });
    expect(requirementFor(policies, { entries: [paying, closing] }).reasons).toEqual([
      'skill_policy requires it: skill "finance/close_books"',
    ]);
  });

  test('requires approval for destructive skills, and names each rule', () => {
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

  test('combines the terms of several skills to the strictest', () => {
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

  test('uses the default timeout if the policy of another skill has a longer one', () => {
    const patient = [policy('finance/*', { timeout: '30d' })];
    expect(requirementFor(patient, { entries: [closing] }).timeoutMs).toBe(30 * DAY_MS);
    expect(requirementFor(patient, { entries: [closing, deleting] }).timeoutMs).toBe(7 * DAY_MS);
  });

  test.each<[string, JsonObject, Partial<ApprovalInput>]>([
    ['there is a token', {}, { hasToken: true }],
    ['approvers are named', { approvers: 'ann' }, {}],
    ['a number of approvers is set', { n_of: 1 }, {}],
    ['who asks may not decide', { allow_self: false }, {}],
    ['it is production', { allow_self: true }, { production: true }],
  ])('lets no signal count if %s', (_what, terms, more) => {
    expect(requirementFor([policy('*', terms)], more).signals).toBe(false);
    expect(requirementFor([policy('*', terms)], more).proof).toBe(more.hasToken ?? false);
  });
});

describe('approvals with conditions', () => {
  const large = policy('finance/pay_invoice', { policy_id: 'large', when: { '/amount': { gt: 1000 } } });
  const early = { ...large, before: 'run' };
  const other = policy('finance/*', { policy_id: 'other', before: 'step' });
  const pay = (more: Partial<ApprovalInput>) => ({ entries: [paying], ...more });
  const known = (...amounts: readonly (number | undefined)[]) => ({
    inputs: new Map([
      ['finance/pay_invoice', amounts.map((amount) => (amount === undefined ? undefined : { amount }))],
    ]),
  });
  const text = (input: string) => ({ inputs: new Map([['finance/pay_invoice', [input]]]) });
  const allow = { kind: 'allow' };

  test.each<[string, readonly JsonObject[], Partial<ApprovalInput>, string | undefined]>([
    ['a policy before the step, for an input that the request contains', [large], known(5000), 'large'],
    ['none for a small amount', [large], known(5), undefined],
    ['none yet for an input that is not known', [large], known(undefined), undefined],
    ['the largest of several inputs', [large], known(5, undefined, 5000), 'large'],
    ['a policy before the run, for an input that is not known', [early], known(undefined), 'large'],
    ['none of a policy before the run for a small amount', [early], known(5), undefined],
    ['the first that is met', [large, other], known(5), 'other'],
    [
      'none if the first that is met exempts',
      [{ ...large, requires_approval: false }, other],
      known(5000),
      undefined,
    ],
    [
      'the caller',
      [policy('finance/*', { policy_id: 'interns', when: { role: 'intern' } })],
      known(5),
      'interns',
    ],
    ['no other caller', [policy('finance/*', { when: { role: 'cfo' } })], known(5), undefined],
    ['JSON in a text', [large], text('{"amount":5000}'), 'large'],
    ['JSON in a text of any depth', [large], text(`{"amount":5000,"x":${DEEP}}`), 'large'],
    ['a text of any depth', [policy('*', { when: { '': 'all' } })], text(DEEP), undefined],
    ['JSON in a text that repeats a name', [large], text('{"amount":5,"amount":5000}'), 'large'],
  ])('before the run, look at %s', (_what, policies, more, expected) => {
    const verdict = ask(policies, pay(more));
    if (expected === undefined) return expect(verdict).toEqual(allow);
    return expect(verdict).toMatchObject({ kind: 'needs_approval', requirement: { policy: expected } });
  });

  test('look at the defaults that the skill receives', () => {
    const inputs = { type: 'object', properties: { amount: { type: 'number', default: 5000 } } };
    const entries = [{ ...paying, manifest: { ...paying.manifest, inputs } }];
    const verdict = ask([large], { entries, inputs: new Map([['finance/pay_invoice', [{}]]]) });
    expect(verdict).toMatchObject({ kind: 'needs_approval', requirement: { policy: 'large' } });
  });

  test('take the input of a composition as meeting the conditions if it is not known', () => {
    const composition = { plan: { kind: 'sequence', plans: [] } } as never;
    const entries = [{ ...paying, composition }];
    expect(ask([large], { entries })).toMatchObject({ kind: 'needs_approval' });
    expect(ask([large], { entries, ...known(5) })).toEqual(allow);
  });

  const seen = (value: number) => ({ skill: 'finance/pay_invoice', field: '/amount', value });

  test.each<[string, readonly JsonObject[], Partial<ApprovalInput>, unknown]>([
    ['before the step', [large], known(5000), [seen(5000)]],
    ['before the run, of the inputs that meet them', [early], known(5, 5000, 7000), [seen(5000), seen(7000)]],
    ['once', [early], known(5000, 5000), [seen(5000)]],
    ['not if the input is not known', [early], known(undefined), undefined],
    ['not of the caller', [policy('finance/*', { when: { role: 'intern' } })], known(5), undefined],
    ['not without conditions', [other], known(5), undefined],
  ])('keep what they looked at, %s', (_what, policies, more, expected) => {
    expect(requirementFor(policies, pay(more)).seen).toEqual(expected);
  });

  test.each([
    [20, undefined],
    [30, 10],
  ])('keep at most 20 fields of %i, and how many are left out', (count, seenLeftOut) => {
    const amounts = Array.from({ length: count }, (_, at) => 5000 + at);
    const requirement = requirementFor([early], pay(known(...amounts)));
    expect(requirement.seen).toEqual(amounts.slice(0, 20).map(seen));
    expect(requirement.seenLeftOut).toBe(seenLeftOut);
  });

  test('say what is required and when, without the input', () => {
    expect(requirementFor([large], pay(known(5000))).reasons).toEqual([
      'large requires it: skill "finance/pay_invoice" when /amount gt 1000',
    ]);
  });

  test('before the step, look at its input and not at policies before the run', () => {
    const before = (policies: readonly JsonObject[], payload: JsonObject) => {
      const file = parseApprovalFile(JSON.stringify(policies));
      const inputs = new Map([['finance/pay_invoice', [payload]]]);
      return approvalBeforeStep(question(file, { entries: [paying], payload, inputs }));
    };
    expect(before([large, policy('finance/*')], { amount: 5 })).toEqual(allow);
    expect(before([large], { amount: 5000 })).toMatchObject({ requirement: { policy: 'large' } });
    expect(before([policy('finance/*', { approvers: 'cfo' })], { note: 'delete it' })).toMatchObject({
      requirement: { policy: 'high_risk', approvers: ['cfo'] },
    });
  });

  test.each<[readonly JsonObject[] | undefined, boolean]>([
    [undefined, false],
    [[large], true],
    [[early], false],
    [[{ ...large, requires_approval: false }], false],
    [[policy('travel/*', { before: 'step' })], false],
  ])('may park before the step with %j: %j', (policies, expected) => {
    const file =
      policies === undefined ? ({ status: 'absent' } as const) : parseApprovalFile(JSON.stringify(policies));
    expect(mayParkBefore(file, 'finance/pay_invoice')).toBe(expected);
  });
});
