import {
  holdsSlot,
  limitedHeartbeat,
  nextAsk,
  readHeartbeat,
  releaseSlot,
  slotsKey,
  takeSlot,
  watchSlots,
  withoutLost,
} from '../../../core/limits/concurrency.ts';
import type { Slots } from '../../../core/limits/concurrency.ts';
import type { JsonValue } from '../../../core/json.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';

const TWO: Slots = { holders: { a: 1, b: 7 } };

test('slotsKey names tenant and skill', () => {
  expect(slotsKey('team-1', parseSkillId('travel/search'))).toBe('team-1.travel.search');
});

describe('takeSlot', () => {
  test.each<[string, Slots | undefined, number, Slots]>([
    ['takes the first slot', undefined, 1, { holders: { c: 1 } }],
    ['takes a slot that is free', TWO, 3, { holders: { a: 1, b: 7, c: 1 } }],
    ['renews the slot of its holder', { holders: { c: 4 } }, 1, { holders: { c: 5 } }],
    [
      'renews a slot beyond a limit that was lowered',
      { holders: { a: 1, c: 4 } },
      1,
      { holders: { a: 1, c: 5 } },
    ],
  ])('%s', (_what, current, limit, expected) => {
    const taken = takeSlot(current, { holder: 'c', limit });
    expect(taken).toEqual(expected);
    expect(holdsSlot(taken, 'c')).toBe(true);
  });

  test.each([1, 2])('returns the same document if all %i slots are taken', (limit) => {
    expect(takeSlot(TWO, { holder: 'c', limit })).toBe(TWO);
    expect(holdsSlot(TWO, 'c')).toBe(false);
  });
});

describe('releaseSlot', () => {
  test.each<[string, Slots | undefined, Slots | undefined]>([
    ['frees the slot', TWO, { holders: { b: 7 } }],
    ['removes the document with the last slot', { holders: { a: 1 } }, undefined],
    ['finds nothing', undefined, undefined],
  ])('%s', (_what, current, expected) => {
    expect(releaseSlot(current, 'a')).toEqual(expected);
  });

  test('returns the same document without such a holder', () => {
    expect(releaseSlot(TWO, 'c')).toBe(TWO);
  });
});

describe('a holder that does not renew its slot', () => {
  const LEASE_MS = 8000;
  type Look = readonly [at: number, stored: Slots | undefined];
  /** The document after looks at these times, each at what is stored then. */
  function after(...looks: readonly Look[]): Slots | undefined {
    let watch: ReturnType<typeof watchSlots> | undefined;
    for (const [at, slots] of looks) watch = watchSlots(watch, slots, { at, maxGapMs: LEASE_MS / 2 });
    return withoutLost(looks.at(-1)?.[1], watch as ReturnType<typeof watchSlots>, LEASE_MS);
  }

  test.each<[string, readonly Look[], Slots | undefined]>([
    ['keeps it at first sight', [[90_000, TWO]], TWO],
    [
      'keeps it for its lease',
      [
        [0, TWO],
        [4000, TWO],
        [7999, TWO],
      ],
      TWO,
    ],
    [
      'loses it then',
      [
        [0, TWO],
        [4000, TWO],
        [8000, TWO],
      ],
      undefined,
    ],
    [
      'keeps it where nobody looked, as while the storage was away',
      [
        [0, TWO],
        [90_000, TWO],
      ],
      TWO,
    ],
    [
      'loses it alone',
      [
        [0, TWO],
        [4000, { holders: { a: 1, b: 8 } }],
        [8000, { holders: { a: 1, b: 8 } }],
      ],
      { holders: { b: 8 } },
    ],
    [
      'is forgotten with the document',
      [
        [0, TWO],
        [4000, undefined],
        [8000, TWO],
      ],
      TWO,
    ],
    ['leaves nothing where there is nothing', [[0, undefined]], undefined],
  ])('%s', (_what, looks, expected) => {
    expect(after(...looks)).toEqual(expected);
  });

  test('is kept if nobody has seen it', () => {
    expect(withoutLost(TWO, watchSlots(undefined, undefined, { at: 0, maxGapMs: 1 }), LEASE_MS)).toBe(TWO);
  });
});

describe('nextAsk', () => {
  test.each([
    ['half a second later at the earliest', undefined, 1, 0, 10_500],
    ['about a second later', undefined, 1, 0.5, 11_000],
    ['in its turn, a fifth of a second after the step before it', 11_000, 1, 0, 11_200],
    ['more often if more of them can run', 11_000, 3, 0, 11_000 + 1000 / 15],
    ['at most twenty times a second', 11_000, 1000, 0, 11_050],
    ['not before its pause, if the others asked long ago', 3000, 1, 0.5, 11_000],
    ['after a minute at the latest', 80_000, 1, 0, 70_000],
  ])('%s', (_what, last, limit, jitter, expected) => {
    expect(nextAsk(last, { now: 10_000, limit, jitter })).toBeCloseTo(expected);
  });
});

describe('readHeartbeat', () => {
  test.each<[string, JsonValue | undefined, number, JsonValue]>([
    ['of a step with a limit', limitedHeartbeat(3, { done: 5 }), 3, { done: 5 }],
    ['without progress', { skillos_waits: 2 }, 2, null],
    ['of another step', 0.5, 0, 0.5],
    ['of another step with an object', { done: 5 }, 0, { done: 5 }],
    ['with a list', [1], 0, [1]],
    ['with nothing', null, 0, null],
    ['that never came', undefined, 0, null],
  ])('reads one %s', (_what, details, waits, progress) => {
    expect(readHeartbeat(details)).toEqual({ waits, progress });
  });
});
