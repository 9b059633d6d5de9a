import {
  compareVersions,
  compositionDigest,
  compositionSchema,
  compositionSteps,
  isActive,
  isChanged,
  nextVersion,
  planOf,
  stepTexts,
} from '../../../core/skills/composition.ts';
import { parseSteps } from '../../../core/plans/plan-steps.ts';
import { aComposition } from '../../support/builders.ts';

const TRIP = { steps: [['travel/search_flights', 'travel/search_hotels'], 'travel/build_itinerary'] };

describe('compositionSchema', () => {
  test('parses the four fields and their defaults', () => {
    expect(compositionSchema.parse({ id: 'a.b', steps: ['c.d', ['e/f']] })).toEqual({
      id: 'a/b',
      steps: ['c/d', ['e/f']],
      version: '0.1.0',
      active: false,
    });
  });

  test('keeps fields it does not know', () => {
    expect(compositionSchema.parse({ id: 'a/b', steps: ['c/d'], note: 'mine' })).toMatchObject({
      note: 'mine',
    });
  });

  test.each([
    ['no steps', { steps: [] }],
    ['an empty group', { steps: [[]] }],
    ['a step that is no id', { steps: ['c'] }],
    ['a group in a group', { steps: [[['c/d']]] }],
    ['a version of words', { version: '../x' }],
    ['a version before a release', { version: '1.0.0-rc.1' }],
    ['active as a word', { active: 'yes' }],
    ['a digest that is none', { activated: { digest: 'x', at: '', by: '' } }],
  ])('refuses %s', (_, fields) => {
    expect(compositionSchema.safeParse({ id: 'a/b', steps: ['c/d'], ...fields }).success).toBe(false);
  });
});

describe('planOf', () => {
  test.each([[['a/b']], [['a/b', 'c/d']], [['a/b|c/d']], [['a/b', 'c/d,e/f', 'g/h']]])(
    'makes of %j the plan that the command line makes',
    (texts) => {
      const plan = parseSteps(texts);
      expect(planOf(compositionSteps(plan))).toEqual(plan);
    },
  );
});

describe('compositionSteps', () => {
  test('names groups as lists', () => {
    expect(compositionSteps(parseSteps(['a/b', 'c/d|e/f']))).toEqual(['a/b', ['c/d', 'e/f']]);
  });
});

describe('stepTexts', () => {
  test('joins a group by pipes', () => {
    expect(stepTexts(aComposition('a/b', TRIP).steps)).toEqual([
      'travel/search_flights | travel/search_hotels',
      'travel/build_itinerary',
    ]);
  });
});

describe('compositionDigest', () => {
  test('is the same for a step and a group of one, and for every version', () => {
    const digest = compositionDigest(aComposition('a/b', { steps: ['c/d'] }));
    expect(compositionDigest(aComposition('a/b', { steps: [['c/d']], version: '0.3.0' }))).toBe(digest);
  });

  test.each([
    [
      'another order',
      { steps: [['travel/search_hotels', 'travel/search_flights'], 'travel/build_itinerary'] },
    ],
    ['a group taken apart', { steps: TRIP.steps.flat() }],
  ])('differs for %s', (_, fields) => {
    expect(compositionDigest(aComposition('a/b', fields))).not.toBe(
      compositionDigest(aComposition('a/b', TRIP)),
    );
  });
});

describe('isActive', () => {
  const digest = compositionDigest(aComposition('a/b', TRIP));
  const activated = { digest, at: '2026-01-02T03:04:05.000Z', by: 'ann' };

  test('is true for activated content', () => {
    const composition = aComposition('a/b', { ...TRIP, active: true, activated });
    expect([isActive(composition), isChanged(composition)]).toEqual([true, false]);
  });

  test.each([
    ['steps that were edited', { steps: ['a/c'], active: true, activated }],
    ['active written by hand', { ...TRIP, active: true }],
  ])('does not hold for %s, which is a change', (_, fields) => {
    const composition = aComposition('a/b', fields);
    expect([isActive(composition), isChanged(composition)]).toEqual([false, true]);
  });

  test('is false for an inactive composition', () => {
    const composition = aComposition('a/b', { ...TRIP, activated });
    expect([isActive(composition), isChanged(composition)]).toEqual([false, false]);
  });
});

describe('nextVersion', () => {
  test.each([
    [[], '0.1.0'],
    [['0.1.0'], '0.1.1'],
    [['0.1.9', '0.1.10', '0.1.2'], '0.1.11'],
    [['1.0.0', '0.9.9'], '1.0.1'],
  ])('is above all of %j: %s', (versions, next) => {
    expect(nextVersion(versions)).toBe(next);
  });
});

describe('compareVersions', () => {
  test.each([
    ['0.1.0', '0.1.0', 0],
    ['0.2.0', '0.10.0', -8],
    ['2.0.0', '1.9.9', 1],
  ])('%s and %s', (a, b, expected) => {
    expect(compareVersions(a, b)).toBe(expected);
  });
});
