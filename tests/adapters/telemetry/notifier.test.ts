/** Notices on a real server that may refuse them. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { openNotifier } from '../../../adapters/telemetry/notifier.ts';
import { faultOf } from '../../../core/webhooks/signature.ts';
import { deadAddress } from '../../support/dead-address.ts';

const NOW = Date.parse('2026-11-29T00:00:00Z');
const SECRET = 'whsec_c2VjcmV0IG9mIHRoZSBub3RpY2Vz';
const NOTICE = { id: 'run.parked/1', body: { type: 'run.parked', data: { run_id: 'x' } } };

interface Received {
  readonly request: IncomingMessage;
  readonly body: string;
}

let server: Server;
let url: string;
let answers: number[] = [];
const received: Received[] = [];
const notes: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ request, body });
      response.writeHead(answers.shift() ?? 204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});

afterAll(() => server.close());

beforeEach(() => {
  received.length = 0;
  notes.length = 0;
});

function notify(secret?: string, to = url): Promise<void> {
  const note = (line: string): void => void notes.push(line);
  const deliver = openNotifier({ url: to, secret, now: () => NOW, note, firstPauseMs: 1 });
  return deliver(NOTICE, new AbortController().signal);
}

test('posts a notice that a receiver of Standard Webhooks accepts', async () => {
  await notify(SECRET);
  const [{ request, body }] = received as [Received];
  expect([request.method, request.url, JSON.parse(body)]).toEqual(['POST', '/hook', NOTICE.body]);
  const header = (name: string) => request.headers[name.toLowerCase()] as string | undefined;
  expect(header('webhook-id')).toBe('run.parked/1');
  const sent = { scheme: 'standard', header, body: Buffer.from(body), now: NOW } as const;
  expect(faultOf({ ...sent, secrets: [SECRET] })).toBeUndefined();
  expect(faultOf({ ...sent, secrets: ['another'] })).toBe('signature_wrong');
});

test('signs nothing without a secret', async () => {
  await notify();
  expect(received[0]?.request.headers).not.toHaveProperty('webhook-signature');
});

test.each([500, 503, 429, 408])('sends it again after %d, under the same id', async (status) => {
  answers = [status, status];
  await notify(SECRET);
  expect(received.map(({ request }) => request.headers['webhook-id'])).toEqual(
    Array.from({ length: 3 }, () => 'run.parked/1'),
  );
  expect(notes).toEqual([]);
});

test.each([301, 400, 404, 410])('gives up after %d, and says so', async (status) => {
  answers = [status];
  await notify(SECRET);
  expect(received).toHaveLength(1);
  expect(notes).toEqual(['notice run.parked/1 was not delivered: the webhook refused it']);
});

test('gives up where nothing answers, and never rejects', async () => {
  await notify(SECRET, `http://${await deadAddress()}/`);
  expect(notes).toEqual(['notice run.parked/1 was not delivered: the webhook did not answer']);
});

test('stops when the worker stops', async () => {
  const deliver = openNotifier({ url, secret: undefined, now: () => NOW, note: (line) => notes.push(line) });
  await deliver(NOTICE, AbortSignal.abort());
  expect([received, notes.length]).toEqual([[], 1]);
});
