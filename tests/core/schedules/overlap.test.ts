import { planDue } from '../../../core/schedules/overlap.ts';
import type { Overlap } from '../../../core/schedules/overlap.ts';

const NOTHING = { start: [], skipped: [], waiting: [], cancelsOther: false };

describe('planDue', () => {
  test.each<[Overlap, boolean, object]>([
    ['skip', false, { start: [1], skipped: [2, 3] }],
    ['skip', true, { skipped: [1, 2, 3] }],
    ['buffer-one', false, { start: [1, 2], skipped: [3] }],
    ['buffer-one', true, { waiting: [1], skipped: [2, 3] }],
    ['buffer-all', false, { start: [1, 2, 3] }],
    ['buffer-all', true, { waiting: [1, 2, 3] }],
    ['cancel-other', false, { start: [3], skipped: [1, 2] }],
    ['cancel-other', true, { start: [3], skipped: [1, 2], cancelsOther: true }],
    ['allow', false, { start: [1, 2, 3] }],
    ['allow', true, { start: [1, 2, 3] }],
  ])('%s with a run in flight: %s', (overlap, isInFlight, expected) => {
    expect(planDue([1, 2, 3], overlap, isInFlight)).toEqual({ ...NOTHING, ...expected });
  });

  test.each<Overlap>(['skip', 'buffer-one', 'buffer-all', 'cancel-other', 'allow'])(
    '%s leaves a run in flight alone if nothing is due',
    (overlap) => {
      expect(planDue([], overlap, true)).toEqual(NOTHING);
    },
  );
});
