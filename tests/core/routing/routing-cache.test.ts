import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import { isConsistent, routingKey, skillsIn } from '../../../core/routing/routing-cache.ts';
import type { RoutingKeyParts } from '../../../core/routing/routing-cache.ts';
import type { Routing } from '../../../core/routing/routing.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aRights } from '../../support/builders.ts';

const [a, b, c] = ['x/a', 'x/b', 'x/c'].map(parseSkillId) as [never, never, never];

const ROUTED: Routing = {
  status: 'routed',
  skill: a,
  confidence: 0.5,
  alternatives: [{ skill: b, confidence: 0.2 }],
  reasons: [],
};
const NONE: Routing = { status: 'no_skill_found', confidence: 0, alternatives: [], reasons: [] };

function keyOf({ rights, query, ...more }: Partial<RoutingKeyParts> = {}): string {
  return routingKey({
    query: { text: 'q', minConfidence: 0.5, ...query },
    rights: aRights(rights),
    version: '1',
    ...more,
  });
}

const ann = { subject: 'ann', roles: [], via: 'local' as const };
const fileOf = (roles: object) => parsePermissionFile(JSON.stringify({ roles }));

describe('routingKey', () => {
  test('is equal for equal queries, callers and policies', () => {
    const file = fileOf({ a: ['b'] });
    const equal = fileOf({ a: ['b'] });
    expect(keyOf()).toBe(keyOf());
    expect(keyOf()).toMatch(/^[0-9a-f]{64}$/);
    const keys = [file, file, equal].map((each) => keyOf({ rights: aRights({ file: each }) }));
    expect(new Set(keys).size).toBe(1);
  });

  test('differs with each input of the result', () => {
    const others: readonly Partial<RoutingKeyParts>[] = [
      {},
      { version: '2' },
      { query: { text: 'Q', minConfidence: 0.5 } },
      { query: { text: 'q', minConfidence: 0.6 } },
      { query: { text: 'q', minConfidence: 0.5, tags: ['t'] } },
      { rights: aRights({ tenant: 'acme' }) },
      { rights: aRights({ production: true }) },
      { rights: aRights({ principal: { ...ann, subject: 'bob' } }) },
      { rights: aRights({ principal: { ...ann, roles: ['admin'] } }) },
      { rights: aRights({ principal: { ...ann, permissions: ['a:b'] } }) },
      { rights: aRights({ principal: { ...ann, attributes: { team: 'x' } } }) },
      { rights: aRights({ file: fileOf({}) }) },
      { rights: aRights({ file: parsePermissionFile('[]') }) },
      { rights: aRights({ file: fileOf({ a: ['b'] }) }) },
      { rights: aRights({ file: fileOf({ a: ['c'] }) }) },
    ];
    expect(new Set(others.map(keyOf)).size).toBe(others.length);
  });
});

describe('skillsIn', () => {
  test.each<[Routing, readonly string[]]>([
    [ROUTED, ['x/a', 'x/b']],
    [{ ...ROUTED, replaces: c }, ['x/a', 'x/b', 'x/c']],
    [NONE, []],
  ])('%# names them all', (routing, expected) => {
    expect(skillsIn(routing)).toEqual(expected);
  });
});

describe('isConsistent', () => {
  test.each<[Routing, number, boolean]>([
    [ROUTED, 0.5, true],
    [ROUTED, 0.6, false],
    [{ ...ROUTED, status: 'low_confidence' }, 0.6, true],
    [{ ...ROUTED, status: 'low_confidence' }, 0.5, false],
    [NONE, 0.5, true],
  ])('%#: %j below %d is %s', (routing, minConfidence, expected) => {
    expect(isConsistent(routing, minConfidence)).toBe(expected);
  });
});
