/** Embeddings of a server with the API of OpenAI, such as Ollama, vLLM or a cloud. */
import { Agent, request } from 'undici';
import * as z from 'zod';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { unitVector } from '../../core/routing/embedder.ts';
import type { Embedder } from '../../core/routing/embedder.ts';

interface EndpointOptions {
  /** Base of the API, to which `/embeddings` is added. */
  readonly url: string;
  readonly model: string;
  readonly apiKey?: string | undefined;
}

const MAX_DIMENSIONS = 4096;
/** Longest number in JSON with its comma. */
const NUMBER_BYTES = 26;
const MAX_TEXTS = 32;
const CONNECT_TIMEOUT_MS = 5_000;

const answerSchema = z.object({
  data: z.array(
    z.object({
      index: z.int().min(0).optional(),
      embedding: z.array(z.number()).min(1).max(MAX_DIMENSIONS),
    }),
  ),
});

/** Redirects are not followed, because they would take queries and the key to another server. */
export function endpointEmbedder({ url, model, apiKey }: EndpointOptions): Embedder {
  const address = `${url.replace(/\/+$/, '')}/embeddings`;
  const dispatcher = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS } });
  const headers = {
    'content-type': 'application/json',
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  };
  return {
    id: `${address} ${model}`,
    maxTexts: MAX_TEXTS,
    async embed(texts, signal) {
      try {
        const body = JSON.stringify({ model, input: texts, encoding_format: 'float' });
        const response = await request(address, { method: 'POST', dispatcher, headers, body, signal });
        const answer = await readBody(response.body, texts.length * MAX_DIMENSIONS * NUMBER_BYTES);
        if (response.statusCode !== 200) throw failed(`it answered ${response.statusCode}`);
        return vectorsIn(answer, texts.length);
      } catch (error) {
        if (isSkillosError(error)) throw error;
        throw failed(signal.aborted ? 'it took too long' : 'it cannot be reached', error);
      }
    },
  };
}

async function readBody(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw failed('its answer is too large'); // ends the connection
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function vectorsIn(answer: string, count: number): readonly Float32Array[] {
  const parsed = answerSchema.safeParse(jsonOf(answer));
  if (!parsed.success) throw failed('its answer is no list of embeddings');
  const { data } = parsed.data;
  const ordered = data.toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0));
  const vectors = ordered.flatMap(({ embedding }) => unitVector(embedding) ?? []);
  const isEven = vectors.every(({ length }) => length === vectors[0]?.length);
  if (vectors.length !== count || !isEven) throw failed(`expected ${count} embeddings of one length`);
  return vectors;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema refuses it
  }
}

/** Without the cause's own text, which may quote what was sent. */
function failed(reason: string, cause?: unknown): SkillosError {
  return new SkillosError('embeddings_failed', `The server of embeddings failed: ${reason}`, { cause });
}
