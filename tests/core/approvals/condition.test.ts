import { parseApprovalFile } from '../../../core/approvals/approval-file.ts';
import { areMet, conditionsText, fieldsSeen } from '../../../core/approvals/condition.ts';
import type { Condition } from '../../../core/approvals/condition.ts';
import type { JsonObject, JsonValue } from '../../../core/json.ts';
import type { Attribute } from '../../../core/rights/principal.ts';

function conditionsOf(when: JsonObject): readonly Condition[] {
  const file = parseApprovalFile(JSON.stringify([{ skill_id: '*', when }]));
  if (file.status !== 'read') throw new Error(`Expected policies, got ${JSON.stringify(file)}`);
  return file.policies[0]?.when ?? [];
}

const CALLER = new Map<string, Attribute>([
  ['role', ['intern', 'driver']],
  ['subject', 'ann'],
  ['level', 3],
]);

describe('areMet', () => {
  test.each<[JsonObject, JsonValue | undefined, boolean]>([
    [{ '/amount': { gt: 1000 } }, { amount: 1000.01 }, true],
    [{ '/amount': { gt: 1000 } }, { amount: 1000 }, false],
    [{ '/amount': { gte: 1000 } }, { amount: 1000 }, true],
    [{ '/amount': { gte: 1000 } }, { amount: 999 }, false],
    [{ '/amount': { lt: 0 } }, { amount: -1 }, true],
    [{ '/amount': { lt: 0 } }, { amount: 0 }, false],
    [{ '/amount': { lte: 0 } }, { amount: 0 }, true],
    [{ '/amount': { lte: 0 } }, { amount: 1 }, false],
    [{ '/amount': { gt: 10, lt: 20 } }, { amount: 15 }, true],
    [{ '/amount': { gt: 10, lt: 20 } }, { amount: 20 }, false],
    // Text from a CSV file compares as the number that it spells.
    [{ '/amount': { gt: 1000 } }, { amount: '1200.50' }, true],
    [{ '/amount': { gt: 1000 } }, { amount: ' 12 ' }, false],
    // What cannot be compared needs an approval.
    [{ '/amount': { gt: 1000 } }, {}, true],
    [{ '/amount': { gt: 1000 } }, 'plain text', true],
    [{ '/amount': { gt: 1000 } }, { amount: null }, true],
    [{ '/amount': { gt: 1000 } }, { amount: '1e9' }, true],
    [{ '/amount': { lt: 1000 } }, { amount: { sum: 1 } }, true],
    [{ '/amount': { gt: 1000 } }, undefined, true],
    [{ '/amount': { eq: 7 } }, undefined, true],
    // A list meets a test if one of its items does.
    [{ '/rows': { gt: 1000 } }, { rows: [1, 2000] }, true],
    [{ '/rows': { gt: 1000 } }, { rows: [1, 2] }, false],
    [{ '/rows': { gt: 1000 } }, { rows: [] }, false],
    [{ '/country': 'DE' }, { country: 'DE' }, true],
    [{ '/country': ['DE', 'FR'] }, { country: 'FR' }, true],
    [{ '/country': { in: ['DE', 'FR'] } }, { country: 'US' }, false],
    [{ '/country': { eq: 'DE' } }, {}, false],
    [{ '/country': { ne: 'DE' } }, {}, true],
    [{ '/country': { not_in: ['DE', 'FR'] } }, { country: 'DE' }, false],
    [{ '/country': { not_in: ['DE', 'FR'] } }, { country: 'US' }, true],
    [{ '/paid': false }, { paid: false }, true],
    [{ '/place': { eq: '{"a":1}' } }, { place: { a: 1 } }, true],
    [{ '': 'all' }, 'all', true],
    [{ role: 'driver' }, {}, true],
    [{ role: 'cfo' }, {}, false],
    [{ level: { gte: 3 } }, undefined, true],
    [{ level: { gte: 4 } }, undefined, false],
    [{ department: 'sales' }, {}, false],
    [{ '/amount': { gt: 1000 }, role: 'cfo' }, { amount: 5000 }, false],
    [{ '/amount': { gt: 1000 }, role: 'intern' }, { amount: 5000 }, true],
  ])('of %j with the input %j: %j', (when, input, expected) => {
    expect(areMet(conditionsOf(when), { input, attributes: CALLER })).toBe(expected);
  });
});

describe('conditionsText', () => {
  test.each<[JsonObject, string]>([
    [{ '/amount': { gt: 1000 }, role: ['intern', 'driver'] }, '/amount gt 1000 and role is intern or driver'],
    [{ '': { ne: 'x' } }, 'input is not x'],
  ])('of %j is %j', (when, expected) => {
    expect(conditionsText(conditionsOf(when))).toBe(expected);
  });
});

describe('fieldsSeen', () => {
  const deep = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`) as JsonValue;

  test.each<[string, JsonValue, JsonValue | undefined]>([
    ['/amount', { amount: 5000 }, 5000],
    ['/amount', {}, undefined],
    ['', 'all', 'all'],
    ['/rows', { rows: ['x'.repeat(300)] }, `["${'x'.repeat(198)}…`],
    ['/rows', { rows: deep }, '…'],
  ])('at %j of %p', (field, input, value) => {
    const conditions = conditionsOf({ [field]: 'x', role: 'intern' });
    const fields = fieldsSeen(conditions, { skill: 'a/b', input });
    expect(fields).toEqual([{ skill: 'a/b', field, ...(value === undefined ? {} : { value }) }]);
  });
});
