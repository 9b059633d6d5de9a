/** The feedback of a tenant that is in effect, from the lines of its log. */
import type { Corrections } from '../routing/corrections.ts';
import type { SkillId } from '../values/skill-id.ts';
import { skillFeedback, weightOfConfidence } from './feedback.ts';
import type { FeedbackEntry, FeedbackLine, SkillFeedback } from './feedback.ts';
import { queryMemory } from './query-memory.ts';
import type { QueryMemory } from './query-memory.ts';

export interface Feedback extends Corrections {
  /** Entries that were not undone, oldest first. */
  readonly entries: ReadonlyMap<string, FeedbackEntry>;
  /** All entries, oldest first, also those that were undone. */
  readonly given: readonly FeedbackEntry[];
  readonly skills: ReadonlyMap<SkillId, SkillFeedback>;
}

/** `lines` are all lines of the log in order. The memory of queries is built when it is first needed. */
export function feedbackState(lines: readonly FeedbackLine[]): Feedback {
  const entries = new Map<string, FeedbackEntry>();
  for (const line of lines) {
    if (line.kind === 'undone') entries.delete(line.undone);
    else entries.set(line.id, line);
  }
  const skills = skillFeedback(entries.values());
  let memory: QueryMemory | undefined;
  return {
    entries,
    given: lines.filter((line) => line.kind === 'given'),
    skills,
    version: lines.length === 0 ? '' : String(lines.length),
    weightOf(skill) {
      const feedback = skills.get(skill);
      return feedback === undefined ? 1 : weightOfConfidence(feedback.confidence);
    },
    correctedTo: (text) => (memory ??= queryMemory([...entries.values()])).find(text),
  };
}
