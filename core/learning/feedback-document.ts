/** The JSON forms of feedback, in snake_case. */
import type { JsonObject } from '../json.ts';
import type { FeedbackEntry } from './feedback.ts';
import type { Feedback } from './feedback-state.ts';

type FeedbackDocument = JsonObject & { readonly schema: string };

/** `skillos.feedback/v1`; `undone` says that the entry was removed. */
export function feedbackDocument(entry: FeedbackEntry, undone = false): FeedbackDocument {
  return { schema: 'skillos.feedback/v1', ...feedbackItem(entry), ...(undone && { undone }) };
}

/** Newest first. */
export function feedbackListDocument({ entries, skills }: Feedback): FeedbackDocument {
  return {
    schema: 'skillos.feedback_list/v1',
    items: [...entries.values()].reverse().map(feedbackItem),
    skills: Object.fromEntries(
      [...skills].sort(([a], [b]) => (a < b ? -1 : 1)).map(([skill, weight]) => [skill, { ...weight }]),
    ),
  };
}

/** The entry in the event log. */
export function feedbackEvent({ skill, expected, source }: FeedbackEntry) {
  return {
    event: 'feedback_received',
    skill_id: skill,
    expected_skill_id: expected ?? skill,
    correction: expected !== undefined,
    source,
  } as const;
}

/** Returns the ids that an entry is about, sorted. */
export function idsOf({ skill, expected }: FeedbackEntry): readonly string[] {
  return [skill, ...(expected === undefined ? [] : [expected])].sort();
}

function feedbackItem({ id, at, by, skill, expected, query, source }: FeedbackEntry): JsonObject {
  return {
    id,
    at,
    subject: by.subject,
    skill,
    ...(expected === undefined ? {} : { expected }),
    ...(query === undefined ? {} : { query }),
    source,
  };
}
