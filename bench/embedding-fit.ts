/** Fits the constants of routing with the local embedding model, on sets in the language of the model. */
import { choiceInputs, logistic, scopeInputs } from '../core/routing/confidence.ts';
import { buildRoutingIndex } from '../core/routing/routing-index.ts';
import { queryEvidence, scoreSkills } from '../core/routing/routing-evidence.ts';
import { findBest } from '../core/routing/routing.ts';
import { analyse } from '../core/routing/text.ts';
import type { Comparison } from './embedding-sets.ts';
import { variants, withForeign } from './routing-mixtures.ts';
import { withExamples } from './routing-sets.ts';
import type { RoutingSet } from './routing-sets.ts';

const FITTED = new Set(['banking77', 'hwu64', 'ha-intents-en']);
const CALIBRATED = new Set([...FITTED, 'bfcl-live']);
const PROFILE = [1, 2, 3, 4];
const NEAREST = [0, 0.1, 0.2, 0.3, 0.4];
/** Evidence of words in relation to that of meaning. */
const WORDS = [0.01, 0.015, 0.02, 0.025, 0.03, 0.04];
const SCALES = Array.from({ length: 41 }, (_, step) => 5 + step / 2);
const MAX_QUERIES = 1000;

/** Prints the constants `MEANING` of similarity.ts, `IN_SCOPE` and `RIGHT` of confidence.ts. */
export function printFit(sets: readonly RoutingSet[], compare: Comparison): void {
  const fitted = sets.filter(({ name }) => FITTED.has(name));
  const cases = fitted.flatMap((set) => amounts(set).map((variant) => caseOf(set.name, variant, compare)));
  for (const { name } of fitted) {
    const others = best(cases.filter(({ set }) => set !== name));
    const scores = cases.filter(({ set }) => set === name).map((held) => accuracyOf(held, others));
    print(`without ${name}: ${JSON.stringify(others)} gives it ${scores.map(percents).join(', ')}`);
  }
  const chosen = best(cases);
  const scores = cases.map((one) => accuracyOf(one, chosen));
  print(`of all: ${JSON.stringify(chosen)} gives ${scores.map(percents).join(', ')}`);
  const similarity = scaleOf(cases, chosen);
  print(`similarity ${similarity}, words ${(similarity * chosen.words).toFixed(2)}`);
  const calibrated = sets.filter(({ name }) => CALIBRATED.has(name));
  const mixtures = variants(calibrated).map((set) => withForeign(set, sets));
  printConfidence(mixtures.map((set) => samplesOf(set, compare)));
}

/** Without, with one and with five examples a skill, and with another number for each skill. */
function amounts(set: RoutingSet): readonly RoutingSet[] {
  const documents = set.documents.map((document, at) => ({
    ...document,
    examples: document.examples.slice(0, (at * 7 + 3) % 6),
  }));
  return [...[0, 1, 5].map((count) => withExamples(set, count)), { ...set, documents }];
}

interface Query {
  /** Position of the right skill. */
  readonly right: number;
  readonly words: Float32Array;
  readonly nearest: Float32Array;
  /** For each of `PROFILE`. */
  readonly directions: readonly Float32Array[];
}

interface Case {
  readonly set: string;
  readonly queries: readonly Query[];
}

function caseOf(set: string, { documents, golden }: RoutingSet, compare: Comparison): Case {
  const index = buildRoutingIndex(documents);
  const toNearest = compare(documents, { nearest: 1 });
  const toDirections = PROFILE.map((profile) => compare(documents, { profile, nearest: 0 }));
  const rows = new Map<unknown, number>(index.skills.map(({ id }, row) => [id, row]));
  const stride = Math.ceil(golden.length / MAX_QUERIES);
  const queries = golden.flatMap(({ query, expected }, at): readonly Query[] => {
    const right = rows.get(expected);
    const nearest = at % stride === 0 ? toNearest(query) : undefined;
    if (right === undefined || nearest === undefined) return [];
    const words = scoreSkills(index, queryEvidence(index, analyse(query)));
    const directions = toDirections.map((to) => to(query) as Float32Array); // the same language
    return [{ right, words, nearest, directions }];
  });
  return { set, queries };
}

interface Constants {
  readonly profile: number;
  readonly nearest: number;
  readonly words: number;
}

/** The constants with the highest mean accuracy. */
function best(cases: readonly Case[]): Constants {
  let [most, found] = [-1, { profile: 0, nearest: 0, words: 0 }];
  for (const profile of PROFILE) {
    for (const nearest of NEAREST) {
      for (const words of WORDS) {
        const constants = { profile, nearest, words };
        const accuracy = cases.reduce((sum, one) => {
          const [first, three] = accuracyOf(one, constants);
          return sum + first + three;
        }, 0);
        if (accuracy > most) [most, found] = [accuracy, constants];
      }
    }
  }
  return found;
}

/** Shares of the queries with the right skill first, and among the first three. */
function accuracyOf({ queries }: Case, constants: Constants): readonly [number, number] {
  const ranks = queries.map((query) => {
    const scores = scoresOf(query, constants);
    const own = scores[query.right] as number;
    return scores.reduce((rank, score) => rank + Number(score > own), 0);
  });
  const share = (limit: number) => ranks.filter((rank) => rank < limit).length / ranks.length;
  return [share(1), share(3)];
}

function scoresOf(query: Query, { profile, nearest, words }: Constants): Float32Array {
  const directions = query.directions[PROFILE.indexOf(profile)] as Float32Array; // one of the list
  return directions.map((direction, row) => {
    const similarity = (1 - nearest) * direction + nearest * (query.nearest[row] as number);
    return similarity + words * (query.words[row] as number);
  });
}

/** The scale at which the scores are log-odds: the right skills are the most likely. */
function scaleOf(cases: readonly Case[], constants: Constants): number {
  const losses = SCALES.map((scale) => {
    const means = cases.map(({ queries }) => {
      const loss = queries.reduce(
        (sum, query) => sum + surprise(query.right, scoresOf(query, constants), scale),
        0,
      );
      return loss / queries.length;
    });
    return means.reduce((sum, mean) => sum + mean, 0);
  });
  return SCALES[losses.indexOf(Math.min(...losses))] as number;
}

function surprise(right: number, scores: Float32Array, scale: number): number {
  const most = Math.max(...scores);
  const total = scores.reduce((sum, score) => sum + Math.exp(scale * (score - most)), 0);
  return Math.log(total) - scale * ((scores[right] as number) - most);
}

interface Sample {
  readonly scope: readonly number[];
  readonly choice: readonly number[];
  /** True if there is a skill for the query. */
  readonly isInScope: boolean;
  /** True if the best skill is the expected one. */
  readonly isRight: boolean;
}

function samplesOf({ documents, golden }: RoutingSet, compare: Comparison): readonly Sample[] {
  const index = buildRoutingIndex(documents);
  const similarityTo = compare(documents);
  return golden.flatMap(({ query, expected }) => {
    const similarity = similarityTo(query);
    const found = similarity && findBest(index, { text: query, similarity });
    if (found === undefined) return [];
    const isRight = found.answer.best.id === expected;
    const { features } = found;
    return [
      { scope: scopeInputs(features), choice: choiceInputs(features), isInScope: expected !== null, isRight },
    ];
  });
}

const ROUNDS = 4000;
const RATE = 1;

/**
 * Gradient ascent on the likelihood of right answers, as a product of two probabilities, and of queries that are in scope.
 * Each mixture counts the same.
 */
function printConfidence(mixtures: readonly (readonly Sample[])[]): void {
  const scope = (mixtures[0]?.[0]?.scope ?? []).map(() => 0);
  const choice = (mixtures[0]?.[0]?.choice ?? []).map(() => 0);
  for (let round = 0; round < ROUNDS; round++) {
    const [scopeSlope, choiceSlope] = [scope.map(() => 0), choice.map(() => 0)];
    for (const samples of mixtures) {
      for (const sample of samples) {
        const [inScope, right] = [logistic(scope, sample.scope), logistic(choice, sample.choice)];
        const error = (Number(sample.isRight) - inScope * right) / (1 - inScope * right);
        const ofScope = error * (1 - inScope) + Number(sample.isInScope) - inScope;
        addTo(scopeSlope, sample.scope, ofScope / samples.length);
        addTo(choiceSlope, sample.choice, (error * (1 - right)) / samples.length);
      }
    }
    addTo(scope, scopeSlope, RATE / mixtures.length);
    addTo(choice, choiceSlope, RATE / mixtures.length);
  }
  print(`in scope ${numbers(scope)}, right ${numbers(choice)}`);
}

function addTo(sum: number[], values: readonly number[], factor: number): void {
  values.forEach((value, at) => (sum[at] = (sum[at] as number) + factor * value));
}

function numbers(values: readonly number[]): string {
  return `[${values.map((value) => value.toFixed(2)).join(', ')}]`;
}

function percents([first, three]: readonly [number, number]): string {
  return `${(100 * first).toFixed(1)}/${(100 * three).toFixed(1)}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
