import * as fc from 'fast-check';
import type { FeedbackLine } from '../../../core/learning/feedback.ts';
import {
  feedbackDocument,
  feedbackEvent,
  feedbackListDocument,
  feedbackPage,
  idsOf,
} from '../../../core/learning/feedback-document.ts';
import { feedbackState } from '../../../core/learning/feedback-state.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aFeedback } from '../../support/feedback.ts';

const QUERY = 'Find flights to Sochi';
const correction = aFeedback('a/a', 'b/b', { query: QUERY, id: 'one' });
const confirmation = aFeedback('b/b', undefined, { id: 'two' });

const given = (entry: typeof correction): FeedbackLine => ({ kind: 'given', ...entry });
const undone = (id: string): FeedbackLine => ({
  kind: 'undone',
  undone: id,
  at: correction.at,
  by: correction.by,
});

describe('feedbackState', () => {
  test('weighs skills, and remembers queries', () => {
    const state = feedbackState([given(correction), given(confirmation)]);
    expect(state.version).toBe('2');
    expect(state.correctedTo(QUERY)).toBe('b/b');
    expect(state.correctedTo(QUERY)).toBe('b/b');
    expect(['a/a', 'b/b', 'c/c'].map((id) => state.weightOf(parseSkillId(id)))).toEqual([
      expect.closeTo(0.998, 4),
      expect.closeTo(1.0038, 4),
      1,
    ]);
  });

  test('is empty without lines', () => {
    const { version, entries, skills } = feedbackState([]);
    expect([version, entries.size, skills.size]).toEqual(['', 0, 0]);
  });

  test('entries that were undone leave no trace, whatever came between', () => {
    const entry = fc.record({
      skill: fc.constantFrom('a/a', 'b/b', 'c/c'),
      expected: fc.option(fc.constantFrom('d/d', 'e/e'), { nil: undefined }),
      isUndone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
        const all = entries.map(({ skill, expected, isUndone }, at) => {
          const made = aFeedback(skill, expected, {
            id: `id-${at}`,
            query: `query number ${skill} of ${at}`,
          });
          return { made, isUndone };
        });
        const kept = all.filter(({ isUndone }) => !isUndone).map(({ made }) => given(made));
        const lines = [
          ...all.map(({ made }) => given(made)),
          ...all.filter(({ isUndone }) => isUndone).map(({ made }) => undone(made.id)),
        ];
        const [left, expected] = [feedbackState(lines), feedbackState(kept)];
        expect([left.entries, left.skills]).toEqual([expected.entries, expected.skills]);
        expect(left.given).toHaveLength(all.length);
      }),
    );
  });
});

test('the documents have the fields of an entry in snake_case', () => {
  const item = {
    id: 'one',
    at: '2026-01-02T03:04:05.000Z',
    subject: 'ann',
    skill: 'a/a',
    expected: 'b/b',
    query: QUERY,
    source: 'cli',
  };
  expect(feedbackDocument(correction)).toEqual({ schema: 'skillos.feedback/v1', ...item });
  expect(feedbackDocument(confirmation, true)).toEqual({
    schema: 'skillos.feedback/v1',
    id: 'two',
    at: item.at,
    subject: 'ann',
    skill: 'b/b',
    source: 'cli',
    undone: true,
  });
  const state = feedbackState([given(confirmation), given(correction), given(aFeedback('c/c'))]);
  const { items, skills } = feedbackListDocument(feedbackPage(state, { limit: 3 })) as unknown as {
    items: { id: string }[];
    skills: object;
  };
  expect(items.slice(1).map(({ id }) => id)).toEqual(['one', 'two']);
  expect(Object.keys(skills)).toEqual(['a/a', 'b/b', 'c/c']);
});

test('a list has pages, newest first', () => {
  const state = feedbackState(
    ['one', 'two', 'three'].map((id) => given(aFeedback('a/a', undefined, { id }))),
  );
  const pageOf = (limit: number, after?: string) => {
    const { items, next } = feedbackPage(state, { limit, after });
    return [items.map(({ id }) => id), next];
  };
  expect(pageOf(2)).toEqual([['three', 'two'], 'two']);
  expect(pageOf(2, 'two')).toEqual([['one'], undefined]);
  expect(pageOf(3)).toEqual([['three', 'two', 'one'], undefined]);
  expect(pageOf(1, 'one')).toEqual([[], undefined]);
  expect(feedbackListDocument(feedbackPage(state, { limit: 1 }))).toMatchObject({ next: 'three' });
  expect(() => pageOf(1, 'four')).toThrow(expect.objectContaining({ code: 'unknown_feedback' }));
});

test('ids are sorted, and the event says if it was a correction', () => {
  expect([idsOf(aFeedback('b/b', 'a/a')), idsOf(confirmation)]).toEqual([['a/a', 'b/b'], ['b/b']]);
  expect([feedbackEvent(correction), feedbackEvent(confirmation)]).toMatchObject([
    {
      event: 'feedback_received',
      skill_id: 'a/a',
      expected_skill_id: 'b/b',
      correction: true,
      source: 'cli',
    },
    { skill_id: 'b/b', expected_skill_id: 'b/b', correction: false },
  ]);
});
