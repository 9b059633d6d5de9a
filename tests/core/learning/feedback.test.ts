import {
  feedbackLog,
  readFeedbackLine,
  skillFeedback,
  weightOfConfidence,
} from '../../../core/learning/feedback.ts';
import { aFeedback } from '../../support/feedback.ts';

describe('skillFeedback', () => {
  test.each([
    ['one confirmation', [aFeedback('a/a')], { 'a/a': [0.55, 1, 0] }],
    ['two confirmations', [aFeedback('a/a'), aFeedback('a/a')], { 'a/a': [0.595, 2, 0] }],
    ['a correction', [aFeedback('a/a', 'b/b')], { 'a/a': [0.45, 0, 1], 'b/b': [0.55, 1, 0] }],
    [
      'a correction after a confirmation',
      [aFeedback('a/a'), aFeedback('a/a', 'b/b')],
      { 'a/a': [0.495, 1, 1], 'b/b': [0.55, 1, 0] },
    ],
    ['nothing', [], {}],
  ])('%s', (_, entries, expected) => {
    const skills = Object.fromEntries(
      [...skillFeedback(entries)].map(([id, { confidence, positive, negative }]) => [
        id,
        [Math.round(confidence * 1e6) / 1e6, positive, negative],
      ]),
    );
    expect(skills).toEqual(expected);
  });

  test('no number of entries changes a score by more than a fiftieth', () => {
    const entries = Array.from({ length: 10_000 }, () => aFeedback('a/a', 'b/b'));
    const weights = [...skillFeedback(entries).values()].map(({ confidence }) =>
      weightOfConfidence(confidence),
    );
    expect(weights).toEqual([expect.closeTo(0.98, 10), expect.closeTo(1.02, 10)]);
    expect(weightOfConfidence(0.5)).toBe(1);
  });
});

test('each tenant has its own log', () => {
  expect(feedbackLog('acme')).toBe('feedback/acme');
});

describe('readFeedbackLine', () => {
  const given = { kind: 'given', ...aFeedback('a/a', 'b/b') };
  const undone = { kind: 'undone', undone: given.id, at: given.at, by: { ...given.by } };
  const line = (more: object) => ({ ...given, by: { ...given.by }, terms: ['x'], ...more });

  test.each([line({}), line({ expected: undefined }), undone])('reads %j', (read) => {
    expect(readFeedbackLine(read)).toEqual(read);
  });

  test.each([
    line({ kind: 'later' }),
    line({ at: 1 }),
    line({ by: null }),
    line({ by: 'ann' }),
    line({ id: 1 }),
    line({ source: 1 }),
    line({ skill: 1 }),
    line({ skill: '../x' }),
    line({ expected: 1 }),
    line({ expected: 'nothing' }),
    { ...undone, undone: 1 },
    {},
  ])('skips %j', (read) => {
    expect(readFeedbackLine(read)).toBeUndefined();
  });
});
