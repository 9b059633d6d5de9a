/** The driver of vector stores against a server that speaks the paths of Qdrant. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Connector } from '../../../adapters/connectors/connector.ts';
import { openVector } from '../../../adapters/connectors/vector.ts';
import type { JsonObject, JsonValue } from '../../../core/json.ts';

const KEY = 'key of the vector store';
const points = new Map<string, JsonObject>();
let server: Server;
let connector: Connector;

beforeAll(async () => {
  server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  connector = await openVector(
    {
      type: 'vector',
      id: 'memory',
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      apiKey: 'secret:K',
      timeoutMs: 5_000,
      allowPrivate: true,
    },
    { root: '/nowhere', resolveSecret: async () => KEY },
  );
});
afterAll(async () => {
  await connector.close();
  server.close();
  server.closeAllConnections();
});

async function answer(
  request: IncomingMessage,
): Promise<{ readonly status: number; readonly body: JsonValue }> {
  if (request.headers['api-key'] !== KEY) return { status: 401, body: 'Must provide an API key' };
  const body = request.method === 'GET' ? {} : ((await json(request)) as Record<string, JsonValue>);
  const ok = (result: JsonValue) => ({ status: 200, body: { result, status: 'ok', time: 0.001 } });
  switch (`${request.method} ${request.url}`) {
    case 'GET /collections':
      return ok({ collections: [{ name: 'trips' }] });
    case 'PUT /collections/trips/points?wait=true':
      for (const point of body['points'] as JsonObject[]) points.set(JSON.stringify(point['id']), point);
      return ok({ operation_id: 1, status: 'completed' });
    case 'POST /collections/trips/points/delete?wait=true':
      for (const id of body['points'] as JsonValue[]) points.delete(JSON.stringify(id));
      return ok({ operation_id: 2, status: 'completed' });
    case 'POST /collections/trips/points/search':
      return ok(
        [...points.values()].map(({ id = null, payload = null }) => ({
          id,
          version: 1,
          score: 0.5,
          payload,
        })),
      );
    default:
      return {
        status: 404,
        body: { status: { error: 'Not found: Collection `none` does not exist!' }, time: 0 },
      };
  }
}

const call = (operation: string, args: JsonObject) =>
  connector.call(operation, args, { signal: new AbortController().signal, isReadOnly: false });

test('upserts, searches and deletes points', async () => {
  const added = await call('upsert', {
    collection: 'trips',
    points: [
      { id: 1, vector: [0.1, 0.2], payload: { city: 'Sochi' } },
      { id: 2, vector: [0.3, 0.4] },
    ],
  });
  expect(added.value).toEqual({ operation_id: 1, status: 'completed' });
  await call('delete', { collection: 'trips', ids: [2] });
  const found = await call('search', { collection: 'trips', vector: [0.1, 0.2], limit: 5 });
  expect(found).toEqual({
    value: [{ id: 1, score: 0.5, payload: { city: 'Sochi' } }],
    facts: expect.objectContaining({
      method: 'search',
      status: 200,
      host: expect.stringMatching(/^127\.0\.0\.1:/),
    }),
  });
});

test('says what the server refuses', async () => {
  const missing = call('search', { collection: 'none', vector: [1], limit: 1 });
  await expect(missing).rejects.toMatchObject({
    code: 'connector_invalid',
    message: 'Connector "memory": the server answered 404: Not found: Collection `none` does not exist!',
  });
});
