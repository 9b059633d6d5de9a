/** Compares the meaning of a query with that of each skill, by vectors of an embedding model. */
import { unitVector } from './embedder.ts';
import type { RoutingDocument, RoutingIndex } from './routing-index.ts';

/** What a model makes of the skills of an index; all vectors have unit length. */
export interface SkillVectors {
  readonly dimensions: number;
  /** Similarity of texts that have nothing in common, below 1; models differ in it. */
  readonly background: number;
  /** Vectors of the profiles one after another, in the order of the index. */
  readonly profiles: Float32Array;
  /** Directions of the mean of the examples of each skill; zeros for a skill without examples. */
  readonly examples: Float32Array;
}

/** The meaning of a query compared with each skill, in the order of the index. */
export interface Similarity {
  /** Log-odds, which are added to the scores by words. */
  readonly scores: Float32Array;
  /** Similarity of profile or examples, the greater one: 0 as for unrelated texts, 1 for the same text. */
  readonly closeness: Float32Array;
}

/** The port to an embedding model for routing. */
export interface Embeddings {
  /** Names the model. */
  readonly id: string;
  /** Never rejects: resolves to undefined if there is no answer in time, so that words alone decide. */
  similarityTo(index: RoutingIndex, text: string): Promise<Similarity | undefined>;
}

// Highest score that each kind of evidence can add, in log-odds. Chosen on BANKING77 and HWU64 with the model
// of `skillos models install`; `npm run bench -- routing --embeddings` measures the result on the same sets.
const WEIGHTS = { profile: 10, examples: 20, profileAlone: 20 };

/** The text whose vector stands for a skill without its examples. */
export function profileText({ name, description }: Pick<RoutingDocument, 'name' | 'description'>): string {
  return `${name}. ${description}`;
}

/**
 * Short requests that have nothing to do with each other. Their mean similarity is the background of a model, so that
 * models whose vectors are all alike are comparable with others.
 */
export const UNRELATED_TEXTS: readonly string[] = [
  'play some jazz in the kitchen',
  'my card was declined at the petrol station',
  'how tall is the Eiffel tower',
  'remove the last commit from the branch',
  'when does the next train to Hamburg leave',
  'the tomatoes in my garden have brown spots',
  'translate this contract into Spanish',
  'who won the chess championship',
];

/** Mean similarity of all pairs of vectors of unit length, at least 0 and below 1. */
export function backgroundOf(vectors: readonly Float32Array[]): number {
  const pairs = vectors.flatMap((a, at) => vectors.slice(at + 1).map((b) => dot(a, b, 0)));
  const mean = pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
  return Math.min(Math.max(mean, 0), MAX_BACKGROUND);
}

const MAX_BACKGROUND = 0.95;

/** The direction of the mean of the vectors; zeros without any, or if they cancel each other out. */
export function meanDirection(vectors: readonly Float32Array[], dimensions: number): Float32Array {
  const sum = new Float32Array(dimensions);
  for (const vector of vectors) {
    for (let at = 0; at < dimensions; at++) sum[at] = (sum[at] as number) + (vector[at] as number);
  }
  return unitVector(sum) ?? sum;
}

/** `query` is a vector of the same model as `vectors`. `profileAlone` is the weight for skills without examples. */
export function similarityOf(vectors: SkillVectors, query: Float32Array, weights = WEIGHTS): Similarity {
  const { dimensions, background, profiles, examples } = vectors;
  const above = (cosine: number): number => Math.max(0, (cosine - background) / (1 - background));
  const skills = profiles.length / dimensions;
  const scores = new Float32Array(skills);
  const closeness = new Float32Array(skills);
  for (let skill = 0; skill < skills; skill++) {
    const start = skill * dimensions;
    const profile = above(dot(query, profiles, start));
    const hasExamples = examples.subarray(start, start + dimensions).some((value) => value !== 0);
    const example = hasExamples ? above(dot(query, examples, start)) : 0;
    scores[skill] = hasExamples
      ? weights.profile * profile + weights.examples * example
      : weights.profileAlone * profile;
    closeness[skill] = Math.max(profile, example);
  }
  return { scores, closeness };
}

function dot(query: Float32Array, vectors: Float32Array, start: number): number {
  let sum = 0;
  for (let at = 0; at < query.length; at++) sum += (query[at] as number) * (vectors[start + at] as number);
  return sum;
}
