/** The local embedding model on the routing sets: vectors of all texts, kept between runs. */
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { localEmbedder } from '../adapters/embeddings/local.ts';
import { modelFolder } from '../adapters/embeddings/model-files.ts';
import { writeAtomic } from '../adapters/files/files.ts';
import { isEnglish } from '../core/routing/language.ts';
import { buildRoutingIndex } from '../core/routing/routing-index.ts';
import type { RoutingDocument } from '../core/routing/routing-index.ts';
import { routeQuery } from '../core/routing/routing.ts';
import {
  UNRELATED_TEXTS,
  backgroundOf,
  profileTexts,
  similarityOf,
  skillVectors,
} from '../core/routing/similarity.ts';
import type { Similarity } from '../core/routing/similarity.ts';
import { wordsOf } from '../core/routing/text.ts';
import { decodeVectors, encodeVectors } from '../core/routing/vector-codec.ts';
import { sha256 } from '../core/values/digest.ts';
import { MOST_EXAMPLES } from './routing-mixtures.ts';
import type { RoutingSet } from './routing-sets.ts';

/** What the fit varies, see `MEANING`. */
interface Weights {
  readonly profile?: number;
  readonly nearest?: number;
}

/** Compares queries with skills; undefined for a query in a language that the model does not know. */
export type Comparison = (
  documents: readonly RoutingDocument[],
  weights?: Weights,
) => (query: string) => Similarity | undefined;

const FOLDER = modelFolder({ cacheDir: undefined }, process.env);
const FILE = path.join(tmpdir(), `skillos-bench-${path.basename(FOLDER)}.vectors`);
const TEXTS_PER_WRITE = 500;

/** Embeds all texts of the sets, which takes minutes; vectors are kept in the folder of temporary files. */
export async function openComparison(sets: readonly RoutingSet[]): Promise<Comparison> {
  const vectors = await embedAll([...UNRELATED_TEXTS, ...new Set(sets.flatMap(textsOf))]);
  const vectorOf = (text: string) => vectors.get(sha256(text)) as Float32Array; // all texts were embedded
  const background = backgroundOf(UNRELATED_TEXTS.map(vectorOf));
  return (documents, { profile, nearest } = {}) => {
    const sorted = documents.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const skills = sorted.map((document) => ({
      profile: profileTexts(document).map(vectorOf),
      examples: document.examples.map(vectorOf),
    }));
    const table = skillVectors(background, skills, profile);
    return (query) =>
      isEnglish(query, wordsOf(query)) ? similarityOf(table, vectorOf(query), nearest) : undefined;
  };
}

function textsOf({ documents, golden }: RoutingSet): readonly string[] {
  const ofSkills = documents.flatMap((document) => [
    ...profileTexts(document),
    ...document.examples.slice(0, MOST_EXAMPLES),
  ]);
  return [...ofSkills, ...golden.map(({ query }) => query)];
}

interface QueryTimes {
  /** To the vector of the query, to its similarities, and to the routing; in milliseconds, one for each query. */
  readonly withModel: readonly number[];
  readonly byWords: readonly number[];
}

/** Routes each query with the model and by words alone, in turn. */
export async function timeQueries(
  documents: readonly RoutingDocument[],
  queries: readonly string[],
  compare: Comparison,
): Promise<QueryTimes> {
  const index = buildRoutingIndex(documents);
  const similarityTo = compare(documents);
  const embedder = localEmbedder(FOLDER);
  const signal = new AbortController().signal;
  await embedder.load?.();
  const [withModel, byWords]: [number[], number[]] = [[], []];
  for (const text of queries) {
    const start = performance.now();
    await embedder.embed([text], signal);
    const similarity = similarityTo(text);
    routeQuery(index, { text, minConfidence: 0.5, ...(similarity && { similarity }) });
    const between = performance.now();
    routeQuery(index, { text, minConfidence: 0.5 });
    withModel.push(between - start);
    byWords.push(performance.now() - between);
  }
  return { withModel, byWords };
}

async function embedAll(texts: readonly string[]): Promise<ReadonlyMap<string, Float32Array>> {
  const known = decodeVectors(await readFile(FILE).catch(() => new Uint8Array()));
  const vectors = new Map(known?.vectors);
  const missing = texts.filter((text) => !vectors.has(sha256(text)));
  const embedder = localEmbedder(FOLDER);
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
