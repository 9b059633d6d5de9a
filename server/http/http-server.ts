/** Runs the HTTP server: listening address, time limits and orderly stop. */
import { STATUS_CODES, createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { SkillosError } from '../../core/errors/errors.ts';
import { createApp } from './app.ts';
import { PROBLEM_TYPE, problemOf } from './problem.ts';
import { openServices } from '../services/services.ts';
import type { ServerPorts, Services } from '../services/services.ts';

export interface RunningServer {
  readonly url: string;
  readonly services: Services;
  /** Completes requests in progress, for 30 s at most; event streams end, and their clients reconnect. */
  stop(): Promise<void>;
}

/** Limits for the headers, for the whole request, and for an idle connection. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_TIMEOUT_MS = 20_000;
/** Limit for a connection without traffic; longer than `wait_seconds` and the heartbeat of event streams. */
const SILENCE_TIMEOUT_MS = 90_000;
const CHECK_EVERY_MS = 2_000;
const MAX_HEADER_BYTES = 16_384;
const MAX_HEADERS = 100;
const DRAIN_MS = 30_000;

/** Rejects as `openServices` does, and with `address_in_use`. */
export async function startServer(given: ServerPorts, port: number): Promise<RunningServer> {
  const services = await openServices(given);
  const app = createApp(services);
  const callback = app.callback();
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_EVERY_MS,
    },
    (request, response) => void callback(request, response), // koa handles its own failures
  );
  server.maxHeadersCount = MAX_HEADERS;
  server.setTimeout(SILENCE_TIMEOUT_MS, (socket: Socket) => socket.destroy());
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuse(error, socket as Socket));
  try {
    await listen(server, given.host, port);
  } catch (error) {
    await services.close();
    throw error;
  }
  const { address, family, port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`,
    services,
    stop: () => stop(server, services),
  };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const where = `${host}:${port}`;
    if (code === 'EADDRINUSE') {
      throw new SkillosError('address_in_use', `Another process already listens at "${where}"`, {
        cause: error,
      });
    }
    throw new SkillosError('usage', `Cannot listen at "${where}": expected an address of this machine`, {
      cause: error,
    });
  }
}

async function stop(server: Server, services: Services): Promise<void> {
  await services.lifecycle.stop(DRAIN_MS);
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  server.closeAllConnections();
  await closed;
  await services.close();
}

/** Answers bytes that Node could not parse as a request. Koa never sees them, so the response is written here. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const requestId = randomUUID();
  const problem = problemOf(parseFailure(error), { requestId, path: '', root: '\0' });
  const body = JSON.stringify(problem);
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      `Content-Type: ${PROBLEM_TYPE}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${requestId}`,
      'X-Content-Type-Options: nosniff',
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

function parseFailure({ code }: NodeJS.ErrnoException): SkillosError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new SkillosError(
      'request_timeout',
      `The request did not arrive completely within ${REQUEST_TIMEOUT_MS / 1000} s; send it again`,
    );
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new SkillosError('headers_too_large', `The headers are larger than ${MAX_HEADER_BYTES} bytes`);
  }
  return new SkillosError('bad_request', 'The received bytes are not an HTTP/1.1 request');
}
