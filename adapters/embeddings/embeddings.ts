/** Compares queries with skills by an embedding model, within a time limit; without an answer, words alone decide. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import type { Embeddings } from '../../core/routing/similarity.ts';
import { similarityOf } from '../../core/routing/similarity.ts';
import type { Similarity, SkillVectors } from '../../core/routing/similarity.ts';
import type { RoutingIndex } from '../../core/routing/routing-index.ts';
import type { Catalogs } from '../../core/skills/catalog.ts';
import { sha256 } from '../../core/values/digest.ts';
import { routingDocuments } from '../catalog/routing-index-file.ts';
import { withDeadline } from '../connectors/deadline.ts';
import { readSkillVectors } from './skill-vectors.ts';
import type { VectorSource } from './skill-vectors.ts';

export interface EmbeddingOptions extends VectorSource {
  readonly catalogs: Catalogs;
  /** Longest wait for the model to load and for the vectors of the skills. At 0 they are made while words alone decide. */
  readonly patienceMs: number;
  /** Called once when the model begins to fail. */
  readonly onFallback: (message: string) => void;
}

export interface OpenEmbeddings extends Embeddings {
  /** Loads the model and embeds new skills in the background. */
  readonly prepare: (index: RoutingIndex) => void;
}

/** Longest wait for the vector of a query. */
const QUERY_TIMEOUT_MS = 150;
/** A model that has failed is left alone for so long, so that queries do not wait for it each time. */
const REST_MS = 5_000;
/** Vectors of queries, by the SHA-256 of the query. */
const MAX_QUERIES = 1000;

/** The port `Embeddings` never rejects. */
export function openEmbeddings(options: EmbeddingOptions): OpenEmbeddings {
  const { embedder, patienceMs, onFallback } = options;
  const queries = new LRUCache<string, Float32Array>({ max: MAX_QUERIES });
  let opened:
    { readonly index: RoutingIndex; readonly vectors: Promise<SkillVectors | undefined> } | undefined;
  let loading: Promise<unknown> | undefined;
  let restsUntil = -Infinity;
  let hasFailed = false;

  function fail(error: unknown): undefined {
    restsUntil = performance.now() + REST_MS;
    if (!hasFailed) onFallback(isSkillosError(error) ? error.message : 'The embedding model failed');
    hasFailed = true;
    return undefined;
  }

  function load(): Promise<unknown> {
    loading ??= (embedder.load?.() ?? Promise.resolve()).catch((error: unknown) => {
      loading = undefined; // tried again after the rest
      throw error;
    });
    return loading;
  }

  function vectorsFor(index: RoutingIndex): Promise<SkillVectors | undefined> {
    if (opened?.index === index) return opened.vectors;
    const reading = readFor(index, options).catch((error: unknown) => {
      if (opened?.index === index) opened = undefined;
      return fail(error);
    });
    opened = { index, vectors: reading };
    return reading;
  }

  async function embedQuery(text: string): Promise<Float32Array> {
    const key = sha256(text);
    const known = queries.get(key);
    if (known !== undefined) return known;
    const [vector] = await inTime((signal) => embedder.embed([text], signal));
    queries.set(key, vector); // the port returns one for each text
    return vector as Float32Array;
  }

  async function compare(index: RoutingIndex, text: string): Promise<Similarity | undefined> {
    if ((await within(patienceMs, load().then(isTrue))) === undefined) return undefined;
    // A model that is slow or away costs a command no more than this, even if no skill has a vector yet.
    if (patienceMs > 0) await embedQuery(text);
    const vectors = await within(patienceMs, vectorsFor(index));
    if (vectors === undefined) return undefined;
    const query = await embedQuery(text);
    if (query.length !== vectors.dimensions) throw uneven(query.length, vectors.dimensions);
    hasFailed = false;
    return similarityOf(vectors, query);
  }

  return {
    id: embedder.id,
    async similarityTo(index, text) {
      if (performance.now() < restsUntil || embedder.understands?.(text) === false) return undefined;
      return compare(index, text).catch(fail);
    },
    prepare(index) {
      void load().then(() => vectorsFor(index), fail);
    },
  };
}

const isTrue = () => true;

/** Resolves to undefined if the work takes longer; it goes on. */
async function within<Value>(ms: number, work: Promise<Value>): Promise<Value | undefined> {
  return Promise.race([work, sleep(ms, undefined, { ref: false })]);
}

async function readFor(index: RoutingIndex, options: EmbeddingOptions): Promise<SkillVectors | undefined> {
  const documents = routingDocuments(await options.catalogs.load());
  const isSame =
    documents.length === index.skills.length &&
    documents.every(({ id }, row) => id === index.skills[row]?.id);
  if (!isSame || documents.length === 0) return undefined; // edited just now: the next query gets another index
  const { patienceMs } = options;
  const signal = patienceMs > 0 ? AbortSignal.timeout(patienceMs) : new AbortController().signal;
  return readSkillVectors(options, documents, signal);
}

/** Rejects after `QUERY_TIMEOUT_MS`, also if the embedder does not heed its signal. */
function inTime<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const expired = () =>
    new SkillosError('embeddings_failed', `The embedding model took more than ${QUERY_TIMEOUT_MS} ms`);
  const { signal } = new AbortController(); // nobody cancels it
  return withDeadline({ ms: QUERY_TIMEOUT_MS, signal, expired }, (deadline) => work(deadline.signal));
}

function uneven(got: number, expected: number): SkillosError {
  return new SkillosError(
    'embeddings_failed',
    `The embedding model gave ${got} numbers for a query and ${expected} for skills; if it was replaced, remove the folder "embeddings" of the cache`,
  );
}
