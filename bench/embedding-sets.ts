/** The local embedding model on the routing sets: its vectors, and the regression of the confidence on them. */
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { localEmbedder } from '../adapters/embeddings/local.ts';
import { MODEL_ID, modelFolder } from '../adapters/embeddings/model-files.ts';
import { writeAtomic } from '../adapters/files/files.ts';
import { inputsOf } from '../core/routing/confidence.ts';
import { isEnglish } from '../core/routing/language.ts';
import { buildRoutingIndex } from '../core/routing/routing-index.ts';
import type { RoutingDocument } from '../core/routing/routing-index.ts';
import { findBest } from '../core/routing/routing.ts';
import {
  UNRELATED_TEXTS,
  backgroundOf,
  meanDirection,
  profileText,
  similarityOf,
} from '../core/routing/similarity.ts';
import type { Similarity } from '../core/routing/similarity.ts';
import { wordsOf } from '../core/routing/text.ts';
import { decodeVectors, encodeVectors } from '../core/routing/vector-codec.ts';
import { sha256 } from '../core/values/digest.ts';
import type { RoutingSet } from './routing-sets.ts';

/** Compares queries with skills; undefined for a query in a language that the model does not know. */
export type Comparison = (documents: readonly RoutingDocument[]) => (query: string) => Similarity | undefined;

const FILE = path.join(tmpdir(), `skillos-bench-${MODEL_ID}.vectors`);
const TEXTS_PER_WRITE = 500;

/** Embeds all texts of the sets, which takes minutes; vectors are kept in the folder of temporary files. */
export async function openComparison(sets: readonly RoutingSet[]): Promise<Comparison> {
  const texts = [...UNRELATED_TEXTS, ...new Set(sets.flatMap(textsOf))];
  const vectors = await embedAll(texts);
  const vectorOf = (text: string) => vectors.get(sha256(text)) as Float32Array; // all texts were embedded
  const background = backgroundOf(UNRELATED_TEXTS.map(vectorOf));
  return (documents) => {
    const sorted = documents.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const profiles = sorted.map((document) => vectorOf(profileText(document)));
    const dimensions = profiles[0]?.length ?? 0;
    const examples = sorted.map(({ examples: own }) => meanDirection(own.map(vectorOf), dimensions));
    const table = { dimensions, background, profiles: joined(profiles), examples: joined(examples) };
    return (query) => (isEnglish(query, wordsOf(query)) ? similarityOf(table, vectorOf(query)) : undefined);
  };
}

function textsOf({ documents, golden }: RoutingSet): readonly string[] {
  const ofSkills = documents.flatMap((document) => [profileText(document), ...document.examples.slice(0, 5)]);
  return [...ofSkills, ...golden.map(({ query }) => query)];
}

function joined(vectors: readonly Float32Array[]): Float32Array {
  return Float32Array.from(vectors.flatMap((vector) => [...vector]));
}

async function embedAll(texts: readonly string[]): Promise<ReadonlyMap<string, Float32Array>> {
  const known = decodeVectors(await readFile(FILE).catch(() => new Uint8Array()));
  const vectors = new Map(known?.vectors);
  const missing = texts.filter((text) => !vectors.has(sha256(text)));
  const embedder = localEmbedder(modelFolder({ cacheDir: undefined }, process.env));
  const signal = new AbortController().signal;
  for (const [at, text] of missing.entries()) {
    const [vector] = await embedder.embed([text], signal);
    vectors.set(sha256(text), vector as Float32Array);
    if ((at + 1) % TEXTS_PER_WRITE !== 0 && at + 1 < missing.length) continue;
    const dimensions = vector?.length ?? 0;
    await writeAtomic(FILE, encodeVectors({ dimensions, background: 0, vectors }));
    process.stderr.write(`embedded ${at + 1} of ${missing.length} texts\n`);
  }
  return vectors;
}

const ROUNDS = 3000;
const RATE = 0.5;

/** Prints the coefficients of a logistic regression: was the best skill the expected one? */
export function fitConfidence(sets: readonly RoutingSet[], compare: Comparison): void {
  const samples = sets.flatMap((set) => samplesOf(set, compare));
  const size = samples[0]?.inputs.length ?? 0;
  const coefficients = Array.from({ length: size }, () => 0);
  for (let round = 0; round < ROUNDS; round++) {
    const gradient = Array.from({ length: size }, () => 0);
    for (const { inputs, isRight } of samples) {
      const logit = inputs.reduce((sum, input, at) => sum + input * (coefficients[at] as number), 0);
      const error = Number(isRight) - 1 / (1 + Math.exp(-logit));
      inputs.forEach((input, at) => (gradient[at] = (gradient[at] as number) + error * input));
    }
    gradient.forEach((slope, at) => {
      coefficients[at] = (coefficients[at] as number) + (RATE * slope) / samples.length;
    });
  }
  process.stdout.write(
    `${samples.length} queries: [${coefficients.map((value) => value.toFixed(2)).join(', ')}]\n`,
  );
}

function samplesOf({ documents, golden }: RoutingSet, compare: Comparison) {
  const index = buildRoutingIndex(documents);
  const similarityTo = compare(documents);
  return golden.flatMap(({ query, expected }) => {
    const similarity = similarityTo(query);
    const found = similarity && findBest(index, { text: query, similarity });
    if (found === undefined) return [];
    return [{ inputs: inputsOf(found.features), isRight: found.answer.best.id === expected }];
  });
}
