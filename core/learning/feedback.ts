/** Feedback on routing: entries that say which skill was right, and the weights of skills that follow from them. */
import type { JsonObject } from '../json.ts';
import type { RecordedPrincipal } from '../rights/principal.ts';
import { isSkillId } from '../values/skill-id.ts';
import type { SkillId } from '../values/skill-id.ts';

export interface FeedbackEntry {
  /** ULID. */
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly by: Pick<RecordedPrincipal, 'subject' | 'via'>;
  readonly skill: SkillId;
  /** The right skill, if it is another one: the entry is a correction then. */
  readonly expected?: SkillId;
  readonly query?: string;
  /** Terms of the query as `queryTerms` returns them, so that readers need not analyse it. */
  readonly terms?: readonly string[];
  readonly source: string;
}

/** One line of the log of a tenant. */
export type FeedbackLine =
  | ({ readonly kind: 'given' } & FeedbackEntry)
  /** Removes the entry `undone`, as if it had never been. */
  | {
      readonly kind: 'undone';
      readonly undone: string;
      readonly at: string;
      readonly by: FeedbackEntry['by'];
    };

export interface SkillFeedback {
  /** 0 to 1, from 0.5 on. */
  readonly confidence: number;
  readonly positive: number;
  readonly negative: number;
}

/** Name of the journal of a tenant. */
export function feedbackLog(tenant: string): string {
  return `feedback/${tenant}`;
}

const START = 0.5;
const STEP = 0.1;
/**
 * Largest change of a score. Two skills with equal scores stay within the near tie of routing.ts, so that no number of
 * entries makes the router choose between them: they order near ties alone, and a known query is corrected by its memory.
 */
const MAX_CHANGE = 0.02;

const NEUTRAL: SkillFeedback = { confidence: START, positive: 0, negative: 0 };

/** The weight of a skill rises with each confirmation and falls with each correction (predecessor's arithmetic). */
export function skillFeedback(entries: Iterable<FeedbackEntry>): ReadonlyMap<SkillId, SkillFeedback> {
  const skills = new Map<SkillId, SkillFeedback>();
  const add = (skill: SkillId, isPositive: boolean) => {
    const { confidence, positive, negative } = skills.get(skill) ?? NEUTRAL;
    skills.set(skill, {
      confidence: isPositive ? confidence + (1 - confidence) * STEP : confidence * (1 - STEP),
      positive: positive + (isPositive ? 1 : 0),
      negative: negative + (isPositive ? 0 : 1),
    });
  };
  for (const { skill, expected } of entries) {
    add(skill, expected === undefined);
    if (expected !== undefined) add(expected, true);
  }
  return skills;
}

/** Returns the factor for scores of a skill: 0.98 to 1.02. */
export function weightOfConfidence(confidence: number): number {
  return 1 + MAX_CHANGE * ((confidence - START) / START);
}

/** Returns undefined for a line of another version. */
export function readFeedbackLine(line: JsonObject): FeedbackLine | undefined {
  const { kind, id, at, by, skill, expected, undone, source } = line;
  if (typeof at !== 'string' || typeof by !== 'object' || by === null) return undefined;
  if (kind === 'undone' && typeof undone === 'string') return line as unknown as FeedbackLine; // checked above
  if (kind !== 'given' || typeof id !== 'string' || typeof source !== 'string') return undefined;
  if (typeof skill !== 'string' || !isSkillId(skill)) return undefined;
  if (expected !== undefined && (typeof expected !== 'string' || !isSkillId(expected))) return undefined;
  return line as unknown as FeedbackLine; // this program wrote the rest
}
