/** The HTTP client against real servers on loopback, most of which misbehave. */
import type { RequestListener, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { openHttpClient } from '../../../../adapters/connectors/http/client.ts';
import type { HttpClient, HttpClientOptions } from '../../../../adapters/connectors/http/client.ts';
import type { HttpRequest } from '../../../../core/connectors/http/request.ts';
import { deadAddress } from '../../../support/dead-address.ts';
import { httpServer } from '../../../support/http-server.ts';
import type { HttpServer } from '../../../support/http-server.ts';
import { silentServer } from '../../../support/silent-server.ts';

const GET: HttpRequest = { method: 'GET', path: '/', query: {}, headers: {} };
const POST: HttpRequest = { ...GET, method: 'POST', body: { text: 'x', encoding: 'utf8' } };
const never = new AbortController().signal;
const opened: { readonly server: HttpServer[]; readonly clients: HttpClient[] } = { server: [], clients: [] };

afterEach(async () => {
  await Promise.all(opened.server.splice(0).map((server) => server[Symbol.asyncDispose]()));
  await Promise.all(opened.clients.splice(0).map((client) => client.close()));
});

async function serverThat(answer: RequestListener): Promise<HttpServer> {
  const server = await httpServer(answer);
  opened.server.push(server);
  return server;
}

function clientOf(baseUrl: string, options: Partial<HttpClientOptions> = {}): HttpClient {
  const client = openHttpClient({
    id: 'weather',
    baseUrl,
    allowPrivate: true,
    timeoutMs: 20_000,
    ...options,
  });
  opened.clients.push(client);
  return client;
}

/** Answers each request with the next function, and all further ones with the last. */
function inTurn(...answers: readonly ((response: ServerResponse) => void)[]): RequestListener {
  let at = 0;
  return (_, response) => answers[Math.min(at++, answers.length - 1)]?.(response);
}

const ok = (response: ServerResponse) => void response.end('fine');
const reset = (response: ServerResponse) => void response.socket?.destroy();

describe('a request', () => {
  test('arrives as it was given', async () => {
    const server = await serverThat((_, response) => response.end());
    await clientOf(`${server.url}/v1`).request(
      {
        method: 'PUT',
        path: '/today?x=1',
        query: { city: 'Rome' },
        headers: { 'x-trace': '7' },
        body: { text: '{"n":1}', encoding: 'utf8', contentType: 'application/json' },
      },
      never,
    );
    const [{ method, url, headers, body }] = server.requests as [HttpServer['requests'][0]];
    expect([method, url, body.toString()]).toEqual(['PUT', '/v1/today?x=1&city=Rome', '{"n":1}']);
    expect(headers).toEqual({
      host: `127.0.0.1:${server.port}`,
      connection: 'keep-alive',
      'content-length': '7',
      'content-type': 'application/json',
      'accept-encoding': 'gzip, deflate, br',
      'user-agent': 'skillos',
      'x-trace': '7',
    });
  });

  test('may replace the headers that are sent by default, and send bytes', async () => {
    const server = await serverThat((_, response) => response.end());
    await clientOf(server.url).request(
      {
        ...POST,
        headers: { 'content-type': 'application/vnd.api+json', 'user-agent': 'mine' },
        body: { text: 'AQL/', encoding: 'base64', contentType: 'application/json' },
      },
      never,
    );
    expect(server.requests[0]).toMatchObject({
      headers: { 'content-type': 'application/vnd.api+json', 'user-agent': 'mine' },
      body: Buffer.from([1, 2, 255]),
    });
  });

  test('uses no proxy of the environment', async () => {
    const server = await serverThat((_, response) => ok(response));
    const proxy = `http://${await deadAddress()}`;
    const names = ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'];
    for (const name of names) process.env[name] = proxy;
    try {
      expect(await clientOf(server.url).request(GET, never)).toMatchObject({ status: 200 });
    } finally {
      for (const name of names) delete process.env[name];
    }
  });

  test('uses a connection of those before', async () => {
    const sockets = new Set<unknown>();
    const server = await serverThat((request, response) => {
      sockets.add(request.socket);
      response.end();
    });
    const client = clientOf(server.url);
    for (let n = 0; n < 10; n++) await client.request(GET, never);
    expect(sockets.size).toBeLessThan(4);
  });
});

describe('an answer', () => {
  const json = { 'content-type': 'application/json; charset=utf-8' };

  test.each<[string, Record<string, string>, string | Buffer, object]>([
    ['JSON', json, '{"n":1}', { body: { n: 1 }, bytes: 7 }],
    [
      'JSON of a special type',
      { 'content-type': 'application/problem+json' },
      '[1]',
      { body: [1], bytes: 3 },
    ],
    ['text', { 'content-type': 'text/plain' }, '{"n":1}', { body: '{"n":1}', bytes: 7 }],
    ['what only claims to be JSON', json, 'oops', { body: 'oops', bytes: 4 }],
    ['nothing', json, '', { body: '', bytes: 0 }],
    ['bytes', {}, Buffer.from([1, 2, 255]), { body: 'AQL/', encoding: 'base64', bytes: 3 }],
    ['gzip', { ...json, 'content-encoding': 'gzip' }, gzipSync('{"n":1}'), { body: { n: 1 }, bytes: 7 }],
  ])('with %s is read', async (_name, headers, content, expected) => {
    const server = await serverThat((_, response) => response.writeHead(201, headers).end(content));
    const { headers: received, ...answer } = await clientOf(server.url).request(GET, never);
    expect(answer).toEqual({ status: 201, ...expected });
    expect(received).not.toHaveProperty('content-encoding');
  });

  test('to HEAD has no body, whatever its headers say', async () => {
    const server = await serverThat((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(),
    );
    const answer = await clientOf(server.url).request({ ...GET, method: 'HEAD' }, never);
    expect(answer).toMatchObject({ status: 200, body: '', headers: { 'content-encoding': 'gzip' } });
  });

  test('in a coding that we do not know is handed on', async () => {
    const server = await serverThat((_, response) =>
      response.writeHead(200, { 'content-encoding': 'zz' }).end('x'),
    );
    expect(await clientOf(server.url).request(GET, never)).toMatchObject({
      body: 'x',
      headers: { 'content-encoding': 'zz' },
    });
  });

  test('has each header once', async () => {
    const server = await serverThat((_, response) =>
      response.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'] }).end(),
    );
    const { headers } = await clientOf(server.url).request(GET, never);
    expect(headers).toMatchObject({ 'set-cookie': 'a=1, b=2' });
  });

  test.each([400, 404, 500])('of %d is an answer', async (status) => {
    const server = await serverThat((_, response) => response.writeHead(status).end('why'));
    expect(await clientOf(server.url).request(GET, never)).toMatchObject({ status, body: 'why' });
  });
});

describe('a server that', () => {
  const late = { code: 'connector_timeout', message: 'Connector "weather" got no answer within 100 ms' };

  test('says nothing ends in a timeout', async () => {
    await using server = await silentServer();
    const call = clientOf(`http://${server.address}`, { timeoutMs: 100 }).request(GET, never);
    await expect(call).rejects.toMatchObject(late);
  });

  test('drips bytes ends in the same timeout', async () => {
    const server = await serverThat((_, response) => {
      const drip = setInterval(() => response.write('x'), 5);
      response.once('close', () => clearInterval(drip));
    });
    const call = clientOf(server.url).request({ ...GET, timeoutMs: 100 }, never);
    await expect(call).rejects.toMatchObject(late);
  });

  test('has a name that never resolves ends in the same timeout', async () => {
    const network = { lookup: (() => undefined) as never };
    const call = clientOf('http://api.test', { timeoutMs: 100, network }).request(GET, never);
    await expect(call).rejects.toMatchObject(late);
  });

  test('does not exist cannot be connected to', async () => {
    const address = await deadAddress();
    await expect(clientOf(`http://${address}`).request(POST, never)).rejects.toMatchObject({
      code: 'connector_unreachable',
      message: `Connector "weather" could not connect to ${address}: ECONNREFUSED`,
    });
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['resets', reset],
    [
      'sends less than it announced',
      (response) => {
        response.writeHead(200, { 'content-length': 10 }).write('short', () => reset(response));
      },
    ],
    [
      'sends a broken gzip',
      (response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('no'),
    ],
    ['speaks another protocol', (response) => void response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n')],
    [
      'offers another protocol',
      (response) => {
        response.writeHead(101, { connection: 'upgrade', upgrade: 'other' }).end();
      },
    ],
  ])('%s is unreachable', async (_name, answer) => {
    const server = await serverThat((_, response) => answer(response));
    await expect(clientOf(server.url).request(GET, never)).rejects.toMatchObject({
      code: 'connector_unreachable',
      message: expect.stringContaining(`got no complete answer from 127.0.0.1:${server.port}: `),
    });
    expect(server.requests).toHaveLength(3);
  });

  test('sends more than it announced is cut there, and not listened to any more', async () => {
    const server = await serverThat((_, response) => {
      response.socket?.write(
        'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil',
      );
    });
    const client = clientOf(server.url);
    expect(await client.request(GET, never)).toMatchObject({ body: 'ok' });
    expect(await client.request(GET, never)).toMatchObject({ body: 'ok' });
  });

  const large = {
    code: 'response_too_large',
    message: expect.stringContaining('that is larger than 10485760 bytes'),
  };

  test('sends 100 MB is not listened to for long', async () => {
    let sent = 0;
    const server = await serverThat((_, response) => {
      const chunk = Buffer.alloc(1024 * 1024);
      const more = () => {
        sent += 1;
        if (sent === 100) response.end();
        else response.write(chunk, (error) => error || more());
      };
      more();
    });
    await expect(clientOf(server.url).request(GET, never)).rejects.toMatchObject(large);
    expect(sent).toBeLessThan(100);
  });

  test('sends a gzip bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024));
    const server = await serverThat((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    );
    await expect(clientOf(server.url).request(GET, never)).rejects.toMatchObject(large);
    expect(server.requests).toHaveLength(1);
  });

  test('sends headers without end', async () => {
    const server = await serverThat((_, response) =>
      response.writeHead(200, { x: 'y'.repeat(20_000) }).end(),
    );
    await expect(clientOf(server.url).request(GET, never)).rejects.toMatchObject({
      code: 'response_too_large',
    });
  });
});

describe('a call is repeated', () => {
  test.each(['GET', 'PUT', 'DELETE'] as const)('if it broke and is %s', async (method) => {
    const server = await serverThat(inTurn(reset, ok));
    expect(await clientOf(server.url).request({ ...GET, method }, never)).toMatchObject({ body: 'fine' });
    expect(server.requests).toHaveLength(2);
  });

  test('but not a POST that may have arrived', async () => {
    const server = await serverThat(inTurn(reset, ok));
    await expect(clientOf(server.url).request(POST, never)).rejects.toMatchObject({
      code: 'connector_unreachable',
    });
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ['GET', ['fine', 2]],
    ['POST', ['connector_unreachable', 1]],
  ] as const)('if its kept connection closes under it and it is %s', async (method, expected) => {
    const server = await serverThat(inTurn(ok, reset, ok));
    const client = clientOf(server.url);
    await client.request(GET, never);
    const outcome = await client.request({ ...POST, method }, never).then(
      ({ body }) => body,
      ({ code }) => code,
    );
    expect([outcome, server.requests.length - 1]).toEqual(expected);
  });

  test('if no connection was made, also a POST', async () => {
    const server = await serverThat((_, response) => ok(response));
    const failure = Object.assign(new Error('try again'), { code: 'EAI_AGAIN' });
    let lookups = 0;
    const lookup = (_host: string, _options: object, done: (error: Error | null, found: unknown) => void) => {
      done(lookups++ === 0 ? failure : null, [{ address: '127.0.0.1', family: 4 }]);
    };
    const client = clientOf(`http://api.test:${server.port}`, { network: { lookup: lookup as never } });
    expect(await client.request(POST, never)).toMatchObject({ body: 'fine' });
    expect([lookups, server.requests.length]).toEqual([2, 1]);
  });

  const busy = (after: string) => (response: ServerResponse) =>
    void response.writeHead(503, { 'retry-after': after }).end();
  const tomorrow = new Date(Date.now() + 86_400_000).toUTCString();

  test.each([
    ['GET', '0', [200, 2]],
    ['GET', 'soon', [200, 2]],
    ['POST', '0', [503, 1]],
    ['GET', '3600', [503, 1]],
    ['GET', tomorrow, [503, 1]],
  ] as const)('after 503: %s with Retry-After %s', async (method, after, expected) => {
    const server = await serverThat(inTurn(busy(after), ok));
    const { status } = await clientOf(server.url).request({ ...GET, method }, never);
    expect([status, server.requests.length]).toEqual(expected);
  });

  test('at most twice, and then the answer counts', async () => {
    const server = await serverThat(inTurn(busy('0')));
    expect(await clientOf(server.url).request(GET, never)).toMatchObject({ status: 503 });
    expect(server.requests).toHaveLength(3);
  });
});

describe('a redirect', () => {
  const to =
    (location: string, status = 302) =>
    (response: ServerResponse) =>
      void response.writeHead(status, { location }).end();

  test('is an answer unless the connector follows them', async () => {
    const server = await serverThat(inTurn(to('/next'), ok));
    expect(await clientOf(server.url).request(GET, never)).toMatchObject({
      status: 302,
      headers: { location: '/next' },
    });
  });

  test('is followed to the same server as often as allowed', async () => {
    const server = await serverThat(inTurn(to('/1'), to('/2'), to('/3'), ok));
    expect(await clientOf(server.url, { followRedirects: 2 }).request(GET, never)).toMatchObject({
      status: 302,
    });
    expect(server.requests.map(({ url }) => url)).toEqual(['/', '/1', '/2']);
  });

  test.each([
    [303, 'GET', '', undefined],
    [307, 'POST', 'x', 'text/plain'],
  ])('of %d arrives as %s', async (status, method, body, type) => {
    const server = await serverThat(inTurn(to('/next', status), ok));
    const headers = { 'content-type': 'text/plain', 'x-trace': '1' };
    await clientOf(server.url, { followRedirects: 1 }).request({ ...POST, headers }, never);
    const last = server.requests.at(-1);
    expect([
      last?.method,
      last?.body.toString(),
      last?.headers['content-type'],
      last?.headers['x-trace'],
    ]).toEqual([method, body, type, '1']);
  });

  test('to another server on loopback is refused', async () => {
    const other = await serverThat((_, response) => ok(response));
    const server = await serverThat((_, response) => to(`${other.url}/secret`)(response));
    await expect(clientOf(server.url, { followRedirects: 5 }).request(GET, never)).rejects.toMatchObject({
      code: 'host_refused',
      message: `${server.url} redirected the call to ${other.url}`,
    });
    expect([server.requests.length, other.requests.length]).toEqual([1, 0]);
  });
});

describe('a caller that gives up', () => {
  test('before the call, sends nothing', async () => {
    const server = await serverThat((_, response) => ok(response));
    const call = clientOf(server.url).request(GET, AbortSignal.abort(new Error('too late')));
    await expect(call).rejects.toThrow('too late');
    expect(server.requests).toEqual([]);
  });

  test('during the call, ends its connection', async () => {
    const abort = new AbortController();
    let closed = () => undefined as void;
    const isClosed = new Promise<void>((resolve) => (closed = resolve));
    const server = await serverThat((_, response) => {
      response.once('close', closed);
      abort.abort(new Error('enough'));
    });
    await expect(clientOf(server.url).request(GET, abort.signal)).rejects.toThrow('enough');
    await isClosed;
  });
});
