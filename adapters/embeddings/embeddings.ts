/** Compares queries with skills by an embedding model, within a time limit; without an answer, words alone decide. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import type { Embedder } from '../../core/routing/embedder.ts';
import type { Embeddings } from '../../core/routing/similarity.ts';
import { similarityOf } from '../../core/routing/similarity.ts';
import type { SkillVectors } from '../../core/routing/similarity.ts';
import type { RoutingIndex } from '../../core/routing/routing-index.ts';
import type { Catalogs } from '../../core/skills/catalog.ts';
import { routingDocuments } from '../catalog/routing-index-file.ts';
import { readSkillVectors } from './skill-vectors.ts';
import type { VectorSource } from './skill-vectors.ts';

export interface EmbeddingOptions extends VectorSource {
  readonly catalogs: Catalogs;
  /** Longest wait for the vectors of the skills and for the model; meanwhile words alone decide. */
  readonly patienceMs: number;
  /** Called once when the model begins to fail. */
  readonly onFallback: (message: string) => void;
}

/** Longest wait for the vector of a query. */
const QUERY_TIMEOUT_MS = 150;
/** A model that has failed is left alone for so long, so that queries do not wait for it each time. */
const REST_MS = 5_000;
const MAX_QUERIES = 1000;

/** The port `Embeddings` never rejects. */
export function openEmbeddings(options: EmbeddingOptions): Embeddings {
  const { embedder, patienceMs, onFallback } = options;
  const queries = new LRUCache<string, Float32Array>({ max: MAX_QUERIES });
  let opened:
    { readonly index: RoutingIndex; readonly vectors: Promise<SkillVectors | undefined> } | undefined;
  let restsUntil = -Infinity;
  let hasFailed = false;

  function fail(error: unknown): undefined {
    restsUntil = performance.now() + REST_MS;
    opened = undefined;
    if (!hasFailed) onFallback(isSkillosError(error) ? error.message : 'The embedding model failed');
    hasFailed = true;
    return undefined;
  }

  function vectorsFor(index: RoutingIndex): Promise<SkillVectors | undefined> {
    if (opened?.index !== index) opened = { index, vectors: readFor(index, options).catch(fail) };
    return opened.vectors;
  }

  async function embedQuery(text: string): Promise<Float32Array> {
    const known = queries.get(text);
    if (known !== undefined) return known;
    const [vector] = await inTime(embedder, [text], QUERY_TIMEOUT_MS);
    queries.set(text, vector as Float32Array); // the port returns one for each text
    return vector as Float32Array;
  }

  return {
    id: embedder.id,
    async similarityTo(index, text) {
      if (performance.now() < restsUntil) return undefined;
      const vectors = await Promise.race([vectorsFor(index), sleep(patienceMs, undefined, { ref: false })]);
      if (vectors === undefined) return undefined;
      try {
        const query = await embedQuery(text);
        if (query.length !== vectors.dimensions) throw uneven(query.length, vectors.dimensions);
        hasFailed = false;
        return similarityOf(vectors, query);
      } catch (error) {
        return fail(error);
      }
    },
  };
}

async function readFor(index: RoutingIndex, options: EmbeddingOptions): Promise<SkillVectors | undefined> {
  const documents = routingDocuments(await options.catalogs.load());
  const isSame =
    documents.length === index.skills.length &&
    documents.every(({ id }, row) => id === index.skills[row]?.id);
  if (!isSame || documents.length === 0) return undefined; // edited just now: the next query gets another index
  const never = new AbortController().signal;
  const vectors = await readSkillVectors(options, documents, never);
  await options.embedder.embed(['ready'], never); // loads the model, so that the first query does not wait for it
  return vectors;
}

/** Rejects after the time, also if the embedder does not heed its signal. */
async function inTime(
  embedder: Embedder,
  texts: readonly string[],
  ms: number,
): Promise<readonly Float32Array[]> {
  const signal = AbortSignal.timeout(ms);
  const expired = new Promise<never>((_, reject) => {
    const tooLate = () =>
      reject(new SkillosError('embeddings_failed', `The embedding model took more than ${ms} ms`));
    signal.addEventListener('abort', tooLate);
  });
  return Promise.race([embedder.embed(texts, signal), expired]);
}

function uneven(got: number, expected: number): SkillosError {
  return new SkillosError(
    'embeddings_failed',
    `The embedding model gave ${got} numbers for a query and ${expected} for skills`,
  );
}
