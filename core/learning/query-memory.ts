/** Remembers for which queries people named the right skill, and finds the queries that are nearly the same. */
import { analyse } from '../routing/text.ts';
import type { SkillId } from '../values/skill-id.ts';
import type { FeedbackEntry } from './feedback.ts';

/** Share of the terms of two queries that are the same, from which on one is taken for a paraphrase of the other. */
const LEAST_SIMILARITY = 0.75;

/** Returns the distinct stems of a query, sorted; those of its stop words only if it has no other. */
export function queryTerms(text: string): readonly string[] {
  const { words, terms } = analyse(text);
  const stems = (terms.length > 0 ? terms : words).map(({ stem }) => stem);
  return [...new Set(stems)].sort();
}

/** True if two queries, by their terms, are the same but for a few words. */
export function areParaphrases(left: readonly string[], right: readonly string[]): boolean {
  const count = left.filter((term) => right.includes(term)).length;
  return count > 0 && count / (left.length + right.length - count) >= LEAST_SIMILARITY;
}

export interface QueryMemory {
  /** Returns the skill that most people named for the most similar queries; of equals the one that was named last. */
  readonly find: (text: string) => SkillId | undefined;
}

/** `entries` are in the order in which they were given. A find costs as much as there are entries with its terms. */
export function queryMemory(entries: readonly FeedbackEntry[]): QueryMemory {
  const known = entries.filter(hasTerms);
  if (known.length === 0) return { find: () => undefined };
  const rowsOf = rowsByTerm(known);
  return { find: (text) => votedFor(mostSimilar(queryTerms(text), { known, rowsOf })) };
}

type WithTerms = FeedbackEntry & Required<Pick<FeedbackEntry, 'terms'>>;

function hasTerms(entry: FeedbackEntry): entry is WithTerms {
  return entry.terms !== undefined && entry.terms.length > 0;
}

interface Known {
  readonly known: readonly WithTerms[];
  /** Positions in `known` of the entries with a term. */
  readonly rowsOf: ReadonlyMap<string, readonly number[]>;
}

function rowsByTerm(known: readonly WithTerms[]): Known['rowsOf'] {
  const rowsOf = new Map<string, number[]>();
  for (const [row, { terms }] of known.entries()) {
    for (const term of terms) {
      const rows = rowsOf.get(term);
      if (rows === undefined) rowsOf.set(term, [row]);
      else rows.push(row);
    }
  }
  return rowsOf;
}

/** Returns the entries with the highest Jaccard index of terms, in their order; none if it is too low. */
function mostSimilar(terms: readonly string[], { known, rowsOf }: Known): readonly FeedbackEntry[] {
  const shared = new Map<number, number>();
  for (const term of terms) {
    for (const row of rowsOf.get(term) ?? []) shared.set(row, (shared.get(row) ?? 0) + 1);
  }
  let best = LEAST_SIMILARITY;
  let rows: number[] = [];
  for (const [row, count] of shared) {
    const entry = known[row] as WithTerms; // rows are positions in `known`
    const similarity = count / (terms.length + entry.terms.length - count);
    if (similarity < best) continue;
    if (similarity > best) rows = [];
    best = similarity;
    rows.push(row);
  }
  return rows.sort((a, b) => a - b).map((row) => known[row] as WithTerms);
}

/** Each person has one vote, the last one given. */
function votedFor(entries: readonly FeedbackEntry[]): SkillId | undefined {
  const votes = new Map<string, SkillId>();
  for (const { by, skill, expected } of entries) {
    const voter = `${by.via}:${by.subject}`;
    votes.delete(voter); // so that the last vote stands last
    votes.set(voter, expected ?? skill);
  }
  const counts = new Map<SkillId, number>();
  let winner: { readonly skill: SkillId; readonly count: number } | undefined;
  for (const skill of votes.values()) {
    const count = (counts.get(skill) ?? 0) + 1;
    counts.set(skill, count);
    if (winner === undefined || count >= winner.count) winner = { skill, count };
  }
  return winner?.skill;
}
