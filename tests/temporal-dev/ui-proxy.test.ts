import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hiddenLoopback, openUiProxy } from '../../temporal-dev/ui-proxy.ts';
import type { UiProxy } from '../../temporal-dev/ui-proxy.ts';
import { exchange } from '../support/api.ts';

let ui: Server;
let uiUrl: string | undefined;
let proxy: UiProxy;
let seen: { readonly request: IncomingMessage; readonly body: string }[];

beforeEach(async () => {
  seen = [];
  ui = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({ request, body: Buffer.concat(chunks).toString() });
      response.writeHead(201, { 'set-cookie': ['a=1', 'b=2'], 'content-type': 'text/html' });
      response.end(`page ${request.url}`);
    });
  }).listen(0, hiddenLoopback());
  await once(ui, 'listening');
  const { address, port } = ui.address() as AddressInfo; // it listens on TCP
  uiUrl = `http://${address}:${port}`;
  proxy = await openUiProxy({ ports: [], target: () => uiUrl });
});

afterEach(async () => {
  await proxy.close();
  ui.closeAllConnections();
  ui.close();
});

const send = (method: string, headers: Readonly<Record<string, string>> = {}, raw?: string) =>
  exchange(proxy.url, method, '/api/v1/x?y=1', { headers, ...(raw === undefined ? {} : { raw }) });

test('forwards requests of its own pages, and the replies', async () => {
  const origin = `http://localhost:${proxy.port}`;
  const headers = { host: `localhost:${proxy.port}`, origin, cookie: 'c=3', 'content-type': 'text/plain' };
  const reply = await send('POST', headers, 'body');

  expect([reply.status, reply.text, reply.headers['set-cookie']]).toEqual([
    201,
    'page /api/v1/x?y=1',
    ['a=1', 'b=2'],
  ]);
  expect(seen).toHaveLength(1);
  expect(seen[0]?.body).toBe('body');
  expect(seen[0]?.request.headers).toMatchObject({ host: new URL(uiUrl as string).host, cookie: 'c=3' });
});

test('forwards what no page sends, and links from other sites', async () => {
  expect((await send('GET')).status).toBe(201);
  expect((await send('GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).status).toBe(
    201,
  );
  expect((await send('POST', {}, 'body')).status).toBe(201);
});

test.each([
  ['a foreign host', 'GET', { host: 'evil.example' }],
  ['a foreign host with the port', 'POST', { host: 'evil.example:8233', origin: 'http://evil.example:8233' }],
  ['a page of another site', 'POST', { origin: 'http://evil.example' }],
  ['a page of another port', 'POST', { origin: 'http://localhost:1' }],
  ['a page without an origin', 'POST', { origin: 'null' }],
  ['a page of another site, without Origin', 'POST', { 'sec-fetch-site': 'cross-site' }],
])('refuses %s', async (_what, method, headers) => {
  expect((await send(method, headers)).status).toBe(403);
  expect(seen).toEqual([]);
});

test('answers 503 while the server does not run, and 502 if it does not answer', async () => {
  uiUrl = undefined;
  expect((await send('GET')).status).toBe(503);
  uiUrl = 'http://127.0.0.1:1';
  expect((await send('GET')).status).toBe(502);
});

test('takes the first free port', async () => {
  const second = await openUiProxy({ ports: [proxy.port], target: () => undefined });
  expect(second.port).not.toBe(proxy.port);
  const { port } = second;
  await second.close();
  const third = await openUiProxy({ ports: [proxy.port, port], target: () => undefined });
  expect(third.port).toBe(port);
  await third.close();
});
