/** Reads the feedback of tenants; later reads of a process take only the new lines of a log. */
import { feedbackLog, readFeedbackLine } from '../../core/learning/feedback.ts';
import type { FeedbackLine } from '../../core/learning/feedback.ts';
import { feedbackState } from '../../core/learning/feedback-state.ts';
import type { Feedback } from '../../core/learning/feedback-state.ts';
import type { Journal } from '../../core/storage/journal.ts';

export type ReadFeedback = (tenant: string) => Promise<Feedback>;

/** Tenants whose feedback stays in memory. */
const MAX_TENANTS = 100;

interface Known {
  readonly lines: readonly FeedbackLine[];
  readonly feedback: Feedback;
  /** Position in the log after the last line. */
  readonly next: number;
}

const NOTHING: Known = { lines: [], feedback: feedbackState([]), next: 0 };

/** The feedback that a call resolves to contains every line that was appended before the call. */
export function feedbackReader(journal: Pick<Journal, 'read'>): ReadFeedback {
  const tenants = new Map<string, Known>();

  return async (tenant) => {
    for (;;) {
      const known = tenants.get(tenant) ?? NOTHING;
      const { entries, next } = await journal.read(feedbackLog(tenant), known.next, () => undefined);
      if (next === known.next) return known.feedback;
      if ((tenants.get(tenant) ?? NOTHING) !== known) continue; // another call has read the same lines
      const lines = [...known.lines, ...entries.flatMap((entry) => readFeedbackLine(entry) ?? [])];
      remember(tenant, { lines, feedback: feedbackState(lines), next });
    }
  };

  function remember(tenant: string, known: Known): void {
    tenants.delete(tenant);
    tenants.set(tenant, known);
    const [oldest] = tenants.keys();
    if (tenants.size > MAX_TENANTS && oldest !== undefined) tenants.delete(oldest);
  }
}
