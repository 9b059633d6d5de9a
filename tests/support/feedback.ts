import type { FeedbackEntry } from '../../core/learning/feedback.ts';
import { queryTerms } from '../../core/learning/query-memory.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';

export interface FeedbackParts {
  readonly query?: string;
  readonly subject?: string;
  readonly id?: string;
}

/** An entry of Ann about `skill`; a correction if `expected` is given. */
export function aFeedback(skill: string, expected?: string, parts: FeedbackParts = {}): FeedbackEntry {
  const { query, subject = 'ann', id = '01KDVDNGTR0000000000000001' } = parts;
  return {
    id,
    at: '2026-01-02T03:04:05.000Z',
    by: { subject, via: 'local' },
    skill: parseSkillId(skill),
    ...(expected === undefined ? {} : { expected: parseSkillId(expected) }),
    ...(query === undefined ? {} : { query, terms: queryTerms(query) }),
    source: 'cli',
  };
}
