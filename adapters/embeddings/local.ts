/** The local embedding model, in a thread of its own, so that it does not block requests. */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { SkillosError } from '../../core/errors/errors.ts';
import { unitVector } from '../../core/routing/embedder.ts';
import type { Embedder } from '../../core/routing/embedder.ts';
import { isEnglish } from '../../core/routing/language.ts';
import { wordsOf } from '../../core/routing/text.ts';
import { packageFile } from '../machine/package.ts';
import type { FromThread, ToThread } from './local-thread.ts';

const THREAD = 'dist/embedding-thread.mjs';
const MAX_TEXTS = 8;
/** Texts longer than this are cut before they are sent to the thread; the model reads 128 tokens. */
const MAX_CHARACTERS = 2_000;
/** Calls that wait for the thread at the same time; more fail, and are routed by words. */
const MAX_WAITING = 32;

interface Waiting {
  readonly resolve: (vectors: readonly Float32Array[]) => void;
  readonly reject: (error: SkillosError) => void;
}

/** `folder` is that of the installed model, named by its id; the thread starts with the first call. */
export function localEmbedder(folder: string): Embedder {
  const waiting = new Map<number, Waiting>();
  let thread: Worker | undefined;
  let calls = 0;

  function start(): Worker {
    const worker = new Worker(packageFile(THREAD), { env: {}, workerData: { folder } });
    worker.on('message', settle);
    worker.on('error', () => undefined); // followed by `exit`
    worker.once('exit', () => {
      thread = undefined;
      for (const { reject } of waiting.values()) reject(failed('its thread ended'));
      waiting.clear();
    });
    return worker;
  }

  function settle(answer: FromThread): void {
    const call = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (waiting.size === 0) thread?.unref(); // an idle model does not keep the process alive
    if ('failure' in answer) return call?.reject(new SkillosError('embeddings_failed', answer.failure));
    const vectors = answer.vectors.flatMap((vector) => unitVector(vector) ?? []);
    if (vectors.length === answer.vectors.length) call?.resolve(vectors);
    else call?.reject(failed('it gave no vector for a text'));
  }

  return {
    id: path.basename(folder),
    maxTexts: MAX_TEXTS,
    understands: (text) => isEnglish(text, wordsOf(text)),
    async load() {
      await embed(['ready'], new AbortController().signal);
    },
    embed,
  };

  function embed(texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]> {
    if (waiting.size >= MAX_WAITING) return Promise.reject(failed('too many queries wait for it'));
    const worker = (thread ??= start());
    const id = calls++;
    const message: ToThread = { id, texts: texts.map((text) => text.slice(0, MAX_CHARACTERS)) };
    return new Promise((resolve, reject) => {
      const expire = () => reject(failed('it took too long'));
      const settled = () => signal.removeEventListener('abort', expire);
      signal.addEventListener('abort', expire);
      waiting.set(id, {
        resolve: (vectors) => {
          settled();
          resolve(vectors);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      worker.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage(message);
    });
  }
}

function failed(reason: string): SkillosError {
  return new SkillosError('embeddings_failed', `The local embedding model failed: ${reason}`);
}
