/** The JSON forms of feedback, in snake_case. */
import { SkillosError } from '../errors/errors.ts';
import type { JsonObject } from '../json.ts';
import type { FeedbackEntry } from './feedback.ts';
import type { Feedback } from './feedback-state.ts';

type FeedbackDocument = JsonObject & { readonly schema: string };

/** `skillos.feedback/v1`; `undone` says that the entry was removed. */
export function feedbackDocument(entry: FeedbackEntry, undone = false): FeedbackDocument {
  return { schema: 'skillos.feedback/v1', ...feedbackItem(entry), ...(undone && { undone }) };
}

/** Some of the entries, newest first, with the weights that follow from all. */
export interface FeedbackPage extends Pick<Feedback, 'skills'> {
  readonly items: readonly FeedbackEntry[];
  /** The id after which the next page begins; absent on the last one. */
  readonly next?: string;
}

/** Throws `unknown_feedback` if no entry has the id `after`. */
export function feedbackPage(
  { entries, skills }: Feedback,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): FeedbackPage {
  if (after !== undefined && !entries.has(after)) throw unknownFeedback(after);
  const all = [...entries.values()].reverse();
  const start = all.findIndex(({ id }) => id === after) + 1; // 0 without `after`
  const items = all.slice(start, start + limit);
  const last = items.at(-1);
  return { items, skills, ...(last !== undefined && last !== all.at(-1) && { next: last.id }) };
}

export function unknownFeedback(id: string): SkillosError {
  return new SkillosError('unknown_feedback', `Unknown feedback ${JSON.stringify(id.slice(0, 200))}`, {
    hint: 'skillos feedback list',
  });
}

export function feedbackListDocument({ items, skills, next }: FeedbackPage): FeedbackDocument {
  return {
    schema: 'skillos.feedback_list/v1',
    items: items.map(feedbackItem),
    skills: Object.fromEntries(
      [...skills].sort(([a], [b]) => (a < b ? -1 : 1)).map(([skill, weight]) => [skill, { ...weight }]),
    ),
    ...(next === undefined ? {} : { next }),
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
