import type { SkillEntry } from '../../../core/skills/catalog.ts';
import type { JsonValue } from '../../../core/json.ts';
import { mapPlan } from '../../../core/plans/plan.ts';
import { parseSteps } from '../../../core/plans/plan-steps.ts';
import type { Recording } from '../../../core/testing/recording.ts';
import { differenceAt, differingLines } from '../../../core/testing/difference.ts';
import { casesOf, contentDigest, hasEffects, reportKey } from '../../../core/testing/skill-test.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aComposed, aSkill } from '../../support/builders.ts';

const PLAIN = aSkill('s/plain', { examples: ['one', 'two'] });
const BARE = aSkill('s/bare');
const DESTROYS = aSkill('s/destroys', { examples: ['all of it'], side_effects: 'destructive' });

function contentOf(entry: SkillEntry, ...steps: readonly string[]) {
  const entries = new Map([PLAIN, BARE, DESTROYS, entry].map((each) => [each.id, each]));
  const plan = mapPlan(parseSteps(steps.length === 0 ? [entry.id] : steps), ({ skill }) => ({
    skill,
    hash: `hash of ${skill}`,
    entry: entries.get(skill) as SkillEntry,
  }));
  return { entry, plan };
}

const RECORDING: Recording = {
  schema: 'skillos.recording/v1',
  skill: parseSkillId('s/plain'),
  run: 's.plain-01ARZ3NDEKTSV4RRFFQ69G5FAV',
  at: '2026-01-02T03:04:05.000Z',
  input: { city: 'Kazan' },
  exchanges: [],
  calls: [],
  output: 'x',
};

describe('casesOf', () => {
  const kinds = (cases: ReturnType<typeof casesOf>) => cases.map(({ kind, payload }) => [kind, payload]);
  const composed = (steps: readonly string[], examples: readonly string[] = []) =>
    contentOf(aComposed('c/one', {}, { examples }), ...steps);

  test.each<[string, ReturnType<typeof contentOf>, readonly (readonly [string, JsonValue])[]]>([
    [
      'the examples of a skill',
      contentOf(PLAIN),
      [
        ['example', 'one'],
        ['example', 'two'],
      ],
    ],
    ['any payload where there is none', contentOf(BARE), [['payload', 'ok']]],
    ['nothing for a skill that destroys', contentOf(DESTROYS), []],
    ['the examples of a composition', composed(['s/bare'], ['mine']), [['example', 'mine']]],
    ['else one of the skills it begins with', composed(['s/bare|s/plain', 's/bare']), [['example', 'one']]],
    ['of a group that is all of it', composed(['s/bare|s/plain']), [['example', 'one']]],
    ['else any payload', composed(['s/bare', 's/plain']), [['payload', 'ok']]],
    ['nothing for a composition that destroys', composed(['s/plain', 's/destroys'], ['mine']), []],
  ])('takes %s', (_, content, expected) => {
    expect(kinds(casesOf(content, []))).toEqual(expected);
  });

  test('uses a given payload instead of the examples, even for a destructive skill', () => {
    expect(kinds(casesOf(contentOf(PLAIN), [], 'mine'))).toEqual([['payload', 'mine']]);
    expect(kinds(casesOf(contentOf(DESTROYS), [], 'mine'))).toEqual([['payload', 'mine']]);
  });

  test('names a long payload by its beginning', () => {
    const [only] = casesOf(contentOf(PLAIN), [], 'x'.repeat(200));
    expect(only?.name).toBe(`${'x'.repeat(57)}...`);
  });

  test('always replays recordings', () => {
    const recorded = {
      kind: 'recording',
      name: RECORDING.run,
      payload: RECORDING.input,
      recording: RECORDING,
    };
    expect(casesOf(contentOf(DESTROYS), [RECORDING])).toEqual([recorded]);
    expect(casesOf(contentOf(PLAIN), [RECORDING], 'mine')).toHaveLength(2);
    expect(casesOf(contentOf(BARE), [RECORDING])).toEqual([recorded]);
  });
});

describe('contentDigest', () => {
  const digest = (hash: string, ...steps: readonly string[]) =>
    contentDigest(mapPlan(parseSteps(steps), ({ skill }) => ({ skill, hash })));

  test.each([
    ['other code', 'h2', ['s/a', 's/b']],
    ['another order', 'h1', ['s/b', 's/a']],
    ['a group', 'h1', ['s/a|s/b']],
  ])('differs for %s', (_, hash, steps) => {
    expect(digest(hash, ...steps)).not.toBe(digest('h1', 's/a', 's/b'));
  });
});

describe('reportKey', () => {
  test('names skill and content', () => {
    expect(reportKey({ entry: PLAIN, digest: 'abc' })).toBe('s.plain.abc');
  });
});

describe('hasEffects', () => {
  test.each([
    ['none', false],
    ['read', false],
    ['write', true],
    ['destructive', true],
  ])('of a skill with the side effects %s is %s', (side_effects, expected) => {
    expect(hasEffects(contentOf(aSkill('s/it', { side_effects })).plan)).toBe(expected);
  });
});

describe('differingLines', () => {
  test('shows what changed, and two lines around it', () => {
    expect(differingLines({ a: 1, b: 2, c: [3], d: 4 }, { a: 1, b: 2, c: [5], d: 4 })).toEqual([
      '   "b": 2,',
      '   "c": [',
      '-    3',
      '+    5',
      '   ],',
      '   "d": 4',
    ]);
  });
});

describe('differenceAt', () => {
  test.each<[JsonValue, JsonValue, string | undefined]>([
    [1, 1, undefined],
    [null, null, undefined],
    [{ a: [1, { b: null }] }, { a: [1, { b: null }] }, undefined],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, undefined],
    [1, '1', ''],
    [null, {}, ''],
    [{}, null, ''],
    [[], {}, ''],
    [{ a: [1, 2] }, { a: [1, 3] }, '/a/1'],
    [{ a: [1] }, { a: [1, 2] }, '/a/1'],
    [{ a: 1, b: 1 }, { a: 1 }, '/b'],
    [{ 'a/b': { '~': 1 } }, { 'a/b': { '~': 2 } }, '/a~1b/~0'],
    [[null], [], '/0'],
  ])('finds the difference of %j and %j: %j', (expected, actual, pointer) => {
    expect(differenceAt(expected, actual)).toBe(pointer);
  });
});
