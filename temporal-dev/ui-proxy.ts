/**
 * The port of the Web UI of a local engine. It forwards to the Web UI of the Temporal server, which answers any Host and
 * listens where no web page finds it. Requests of pages of other origins (CSRF), and requests to a foreign host name that
 * resolves to this machine (DNS rebinding), are refused. A proxy package would add a dependency for one `request` call.
 */
import { randomInt } from 'node:crypto';
import { createServer, request as sendRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { isForeignPage, isLocalHost } from '../core/rights/page-origin.ts';
import { isErrno } from '../adapters/files/files.ts';

export interface UiProxy {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

interface ProxyOptions {
  /** Tried in this order; another port is chosen if all are taken. */
  readonly ports: readonly number[];
  /** Returns the URL of the server's Web UI; undefined while the server does not run. */
  readonly target: () => string | undefined;
}

const HOST = '127.0.0.1';

/** Fields that hold for one connection only, by RFC 9110 section 7.6.1. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Resolves when the port listens. */
export async function openUiProxy({ ports, target }: ProxyOptions): Promise<UiProxy> {
  const server = createServer((request, response) => {
    const refusal = refusalOf(request);
    const url = target();
    if (refusal !== undefined) answer(response, 403, refusal);
    else if (url === undefined) answer(response, 503, 'The Temporal server is starting');
    else forward(request, response, new URL(url));
  });
  const port = await listenOnFirst(server, ports);
  return {
    port,
    url: `http://${HOST}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Returns a loopback address that pages cannot guess. Linux accepts all of 127.0.0.0/8; other systems have one such address
 * only.
 */
export function hiddenLoopback(): string {
  if (process.platform !== 'linux') return HOST;
  return `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(2, 255)}`;
}

async function listenOnFirst(server: Server, ports: readonly number[]): Promise<number> {
  for (const port of ports) {
    try {
      return await listen(server, port);
    } catch (error) {
      if (!isErrno(error, 'EADDRINUSE') && !isErrno(error, 'EACCES')) throw error;
    }
  }
  return listen(server, 0);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: HOST, exclusive: true }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port); // an object, because it listens on TCP
    });
  });
}

function refusalOf({ method = '', headers }: IncomingMessage): string | undefined {
  const { host = '', origin = '' } = headers;
  const site = headers['sec-fetch-site'] ?? '';
  if (!isLocalHost(host)) return 'Refused: expected the host localhost, 127.0.0.1 or [::1]';
  if (isForeignPage({ method, host, origin, site }))
    return 'Refused: a page of another site sent the request';
  return undefined;
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' });
  response.end(`${text}\n`);
}

function forward(request: IncomingMessage, response: ServerResponse, target: URL): void {
  const { method, url: path, headers } = request;
  const { hostname: host, port } = target;
  const outgoing = sendRequest({
    host,
    port,
    method,
    path,
    headers: { ...endToEnd(headers), host: target.host },
  });
  outgoing.on('response', (incoming) => {
    response.writeHead(incoming.statusCode ?? 502, endToEnd(incoming.headers));
    pipeline(incoming, response, () => undefined); // both are destroyed if one breaks
  });
  outgoing.on('error', () => {
    if (response.headersSent) response.destroy();
    else answer(response, 502, 'The Web UI of the Temporal server does not answer');
  });
  response.on('close', () => outgoing.destroy());
  request.pipe(outgoing);
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));
}
