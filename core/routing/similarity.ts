/** Compares the meaning of a query with that of each skill, by vectors of an embedding model. */
import { domainOf } from '../values/skill-id.ts';
import { unitVector } from './embedder.ts';
import type { RoutingDocument, RoutingIndex } from './routing-index.ts';

/** What a model makes of the skills of an index; all vectors have unit length. */
export interface SkillVectors {
  readonly dimensions: number;
  /** Similarity of texts that have nothing in common, below 1; models differ in it. */
  readonly background: number;
  /** One vector for each skill, in the order of the index: the direction of its profile and examples together. */
  readonly directions: Float32Array;
  /** The profile and the examples of each skill, one after another; empty if the directions alone are kept. */
  readonly texts: Float32Array;
  /** Number of texts before those of each skill. */
  readonly starts: Uint32Array;
}

/** Similarity of a query to each skill, in the order of the index: 0 as for unrelated texts, 1 for the same text. */
export type Similarity = Float32Array;

/** The port to an embedding model for routing. */
export interface Embeddings {
  /** Names the model. */
  readonly id: string;
  /** Never rejects: resolves to undefined if there is no answer in time, so that words alone decide. */
  similarityTo(index: RoutingIndex, text: string): Promise<Similarity | undefined>;
}

/**
 * Fitted on BANKING77, HWU64 and the English Home Assistant intents with the model of `skillos models install`, by
 * `npm run bench -- routing --embeddings --fit`.
 */
export const MEANING = {
  /** The profile counts as so many examples in the direction of a skill. */
  profile: 2,
  /** Share of the most similar single text in the similarity; the direction has the rest. */
  nearest: 0.1,
  /** Factor of the scores by words. */
  words: 0.45,
  /** Score of the similarity 1, in log-odds. */
  similarity: 15,
};

/**
 * The texts whose mean stands for a skill without its examples: in the words of a manifest, and as people ask. Several
 * wordings are nearer to what people type than each of them.
 */
export function profileTexts({
  id,
  name,
  description,
}: Pick<RoutingDocument, 'id' | 'name' | 'description'>): readonly string[] {
  const request = description.replace(/[.!?\s]+$/u, '');
  const [first = ''] = request;
  return [
    `${domainOf(id).replaceAll('_', ' ')} ${name}: ${description}`,
    `How do I ${first.toLowerCase()}${request.slice(first.length)}?`,
  ];
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

/** The vectors of one skill, all of the same length. */
export interface TextVectors {
  /** Of its `profileTexts`. */
  readonly profile: readonly Float32Array[];
  readonly examples: readonly Float32Array[];
}

/** `skills` are in the order of the index; there is at least one. */
export function skillVectors(
  background: number,
  skills: readonly TextVectors[],
  weight = MEANING.profile,
): SkillVectors {
  const dimensions = skills[0]?.profile[0]?.length ?? 0;
  const starts = new Uint32Array(skills.length + 1);
  skills.forEach(({ examples }, row) => (starts[row + 1] = (starts[row] as number) + 1 + examples.length));
  const texts = new Float32Array((starts.at(-1) as number) * dimensions); // starts has at least one element
  const directions = new Float32Array(skills.length * dimensions);
  skills.forEach((skill, row) => {
    const own = ownVectors(skill, dimensions);
    own.forEach((vector, at) => texts.set(vector, ((starts[row] as number) + at) * dimensions));
    directions.set(meanDirection(own, dimensions, weight), row * dimensions);
  });
  return { dimensions, background, directions, texts, starts };
}

/** The same of directions alone, of unit length and in the order of the index: the most similar text then has no share. */
export function vectorsOfDirections(background: number, skills: readonly Float32Array[]): SkillVectors {
  const dimensions = skills[0]?.length ?? 0;
  const directions = new Float32Array(skills.length * dimensions);
  skills.forEach((direction, row) => directions.set(direction, row * dimensions));
  return {
    dimensions,
    background,
    directions,
    texts: new Float32Array(0),
    starts: new Uint32Array(skills.length + 1),
  };
}

/** The direction of a skill, for `vectorsOfDirections`. */
export function directionOf(skill: TextVectors, dimensions: number): Float32Array {
  return meanDirection(ownVectors(skill, dimensions), dimensions, MEANING.profile);
}

function ownVectors({ profile, examples }: TextVectors, dimensions: number): readonly Float32Array[] {
  return [meanDirection(profile, dimensions), ...examples];
}

/** The direction of the sum of the vectors, of which the first has a weight; zeros if they cancel each other out. */
export function meanDirection(
  vectors: readonly Float32Array[],
  dimensions: number,
  firstWeight = 1,
): Float32Array {
  const sum = new Float32Array(dimensions);
  vectors.forEach((vector, row) => {
    const weight = row === 0 ? firstWeight : 1;
    for (let at = 0; at < dimensions; at++) sum[at] = (sum[at] as number) + weight * (vector[at] as number);
  });
  return unitVector(sum) ?? sum;
}

/** `query` is a vector of the same model as `vectors`. `nearest` is the share of the most similar text. */
export function similarityOf(
  vectors: SkillVectors,
  query: Float32Array,
  nearest = MEANING.nearest,
): Similarity {
  const { background, starts } = vectors;
  const [directions, texts] = [dots(query, vectors.directions), dots(query, vectors.texts)];
  const share = texts.length === 0 ? 0 : nearest;
  const similarity = new Float32Array(starts.length - 1);
  for (let skill = 0; skill < similarity.length; skill++) {
    let most = -1;
    for (let text = starts[skill] as number; text < (starts[skill + 1] as number); text++) {
      most = Math.max(most, texts[text] as number);
    }
    const mixed = (1 - share) * (directions[skill] as number) + share * most;
    similarity[skill] = Math.max(0, (mixed - background) / (1 - background));
  }
  return similarity;
}

/** Adds the evidence of the meaning to the scores by words, which stay as they are without it. */
export function withMeaning(byWords: Float32Array, similarity?: Similarity): Float32Array {
  if (similarity === undefined) return byWords;
  return byWords.map(
    (score, row) => MEANING.words * score + MEANING.similarity * (similarity[row] as number),
  ); // one for each skill
}

/** The products with vectors that lie one after another; four at a time, so that the query is read once for all of them. */
function dots(query: Float32Array, vectors: Float32Array): Float64Array {
  const { length } = query;
  const products = new Float64Array(vectors.length / length);
  let row = 0;
  for (; row + 3 < products.length; row += 4) {
    const start = row * length;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let at = 0; at < length; at++) {
      const value = query[at] as number;
      a += value * (vectors[start + at] as number);
      b += value * (vectors[start + length + at] as number);
      c += value * (vectors[start + 2 * length + at] as number);
      d += value * (vectors[start + 3 * length + at] as number);
    }
    products.set([a, b, c, d], row);
  }
  for (; row < products.length; row++) products[row] = dot(query, vectors, row * length);
  return products;
}

/** Four sums at a time, which takes half the time of one. */
function dot(query: Float32Array, vectors: Float32Array, start: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let at = 0;
  for (; at + 3 < query.length; at += 4) {
    a += (query[at] as number) * (vectors[start + at] as number);
    b += (query[at + 1] as number) * (vectors[start + at + 1] as number);
    c += (query[at + 2] as number) * (vectors[start + at + 2] as number);
    d += (query[at + 3] as number) * (vectors[start + at + 3] as number);
  }
  for (; at < query.length; at++) a += (query[at] as number) * (vectors[start + at] as number);
  return a + b + c + d;
}
