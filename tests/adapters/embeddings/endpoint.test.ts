import type { ServerResponse } from 'node:http';
import { endpointEmbedder } from '../../../adapters/embeddings/endpoint.ts';
import { httpServer } from '../../support/http-server.ts';

const KEY = 'sk-very-secret';
const item = (index: number, embedding: readonly unknown[]) => ({ object: 'embedding', index, embedding });

async function embed(answer: (response: ServerResponse) => void, ms = 5_000) {
  await using server = await httpServer((_, response) => answer(response));
  const embedder = endpointEmbedder({ url: `${server.url}/v1/`, model: 'm', apiKey: KEY });
  const vectors = await embedder.embed(['a', 'b'], AbortSignal.timeout(ms));
  return { vectors, requests: server.requests };
}

const json = (value: unknown) => (response: ServerResponse) => void response.end(JSON.stringify(value));

test('asks as the API of OpenAI wants it, and orders the vectors by their index', async () => {
  const data = [item(1, [0, 2]), item(0, [3, 4])];
  const { vectors, requests } = await embed(json({ object: 'list', data, model: 'm' }));
  expect(vectors.map((vector) => [...vector].map((value) => value.toFixed(1)))).toEqual([
    ['0.6', '0.8'],
    ['0.0', '1.0'],
  ]);
  const [request] = requests;
  expect(request).toMatchObject({ method: 'POST', url: '/v1/embeddings' });
  expect(request?.headers.authorization).toBe(`Bearer ${KEY}`);
  expect(JSON.parse(String(request?.body))).toEqual({
    model: 'm',
    input: ['a', 'b'],
    encoding_format: 'float',
  });
});

test.each<[string, (response: ServerResponse) => void]>([
  ['an error', (response) => void response.writeHead(500).end(KEY)],
  ['a redirect', (response) => void response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()],
  ['no JSON', (response) => void response.end('<html>')],
  ['another document', json({ data: 'none' })],
  ['too few vectors', json({ data: [item(0, [1])] })],
  ['vectors of two lengths', json({ data: [item(0, [1, 2]), item(1, [1])] })],
  ['NaN', json({ data: [item(0, [NaN, 1]), item(1, [1, 1])] })],
  [
    'a number beyond all bounds',
    (response) => void response.end('{"data":[{"embedding":[1e999]},{"embedding":[1]}]}'),
  ],
  ['only zeros', json({ data: [item(0, [0, 0]), item(1, [1, 1])] })],
  ['a vector that is too long', json({ data: [item(0, Array(9000).fill(1)), item(1, Array(9000).fill(1))] })],
  ['a body without end', stream],
])('rejects %s, without the key', async (_, answer) => {
  const error: unknown = await embed(answer).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'embeddings_failed' });
  expect(String(error)).not.toContain(KEY);
});

test('rejects a server that is silent, when the time is up', async () => {
  await expect(embed(() => undefined, 50)).rejects.toMatchObject({
    code: 'embeddings_failed',
    message: 'The server of embeddings failed: it took too long',
  });
});

function stream(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024, ' ');
  const more = () => {
    while (!response.destroyed && response.write(chunk)) continue;
  };
  response.on('drain', more);
  more();
}
