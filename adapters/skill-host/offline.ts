/** Preloaded into processes of a test: HTTP is answered from memory, all other connections are refused. */
import dgram from 'node:dgram';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { fileURLToPath, urlToHttpOptions } from 'node:url';
import { createResponder } from './offline-responses.ts';
import type { OfflineFixture } from './offline-responses.ts';

type Scheme = 'http' | 'https';
type Listener = (response: IncomingMessage) => void;
type RequestArguments = [string | URL | RequestOptions, (RequestOptions | Listener)?, Listener?];

const fixture = readFixture();
const answerTo = createResponder(fixture.exchanges ?? []);
const send = http.request;

globalThis.fetch = async (input, init) => {
  const { method, url, signal } = new Request(input, init);
  signal.throwIfAborted();
  const { status, headers, body } = answerTo({ method, url });
  const isEmpty = [204, 205, 304].includes(status) || method === 'HEAD';
  return Object.defineProperty(new Response(isEmpty ? null : body, { status, headers }), 'url', {
    value: url,
  });
};
for (const [scheme, module] of [
  ['http', http],
  ['https', https],
] as const) {
  const request = (...args: RequestArguments): ClientRequest => requestInMemory(scheme, args);
  const get = (...args: RequestArguments): ClientRequest => request(...args).end();
  Object.assign(module, { request, get });
}
Socket.prototype.connect = function refuseConnection(this: Socket): Socket {
  process.nextTick(() => this.destroy(new Error('A test is offline: only HTTP requests are answered')));
  return this;
};
for (const method of ['connect', 'send', 'bind'] as const) {
  dgram.Socket.prototype[method] = () => {
    throw new Error('A test is offline: datagrams are not available');
  };
}
syncBuiltinESMExports();
if (fixture.at !== undefined) startClockAt(fixture.at);

function readFixture(): OfflineFixture {
  const file = new URL(import.meta.url).searchParams.get('fixture');
  return file === null ? {} : (JSON.parse(readFileSync(fileURLToPath(file), 'utf8')) as OfflineFixture);
}

/** Sends a request over a pair of in-memory streams; a server at the other end writes the answer. */
function requestInMemory(scheme: Scheme, [first, second, third]: RequestArguments): ClientRequest {
  const given = typeof second === 'function' ? {} : second;
  const listener = typeof second === 'function' ? second : third;
  const target = typeof first === 'string' || first instanceof URL ? urlToHttpOptions(new URL(first)) : first;
  const options = {
    ...target,
    ...given,
    protocol: 'http:',
    agent: undefined,
    defaultPort: scheme === 'https' ? 443 : 80,
    createConnection: () => connectToAnswers(scheme),
  };
  return send(options as RequestOptions, listener);
}

function connectToAnswers(scheme: Scheme): Duplex {
  const [near, far] = duplexPair();
  const server = http.createServer((request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    request.resume().on('end', () => {
      try {
        const answer = answerTo({ method, url: `${scheme}://${headers.host ?? 'unknown'}${url}` });
        response.writeHead(answer.status, { ...answer.headers, connection: 'close' }).end(answer.body);
      } catch (error) {
        near.destroy(error as Error);
      }
    });
  });
  server.emit('connection', far);
  return near;
}

/** Shifts `Date`; time then advances normally. */
function startClockAt(at: string): void {
  const RealDate = Date;
  const aheadMs = RealDate.parse(at) - RealDate.now();
  const now = (): number => RealDate.now() + aheadMs;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
    apply: () => new RealDate(now()).toString(),
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  });
}
