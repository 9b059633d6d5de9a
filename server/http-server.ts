/** The HTTP server around the application: where it listens, what it does not wait for, and how it stops. */
import { STATUS_CODES, createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { SkillosError } from '../core/errors.ts';
import { createApp } from './app.ts';
import { PROBLEM_TYPE, problemOf } from './problem.ts';
import { openServices } from './services.ts';
import type { ServerPorts, Services } from './services.ts';

export interface RunningServer {
  readonly url: string;
  readonly services: Services;
  /** Answers what has begun, for 30 s at most; followers of runs are told to come back. */
  stop(): Promise<void>;
}

/** A client must send its headers, and then its whole request, within these; an idle connection is closed. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_TIMEOUT_MS = 20_000;
/** Nothing sent and nothing read: longer than a request may wait for a run, and than the heartbeat of events. */
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
    (request, response) => void callback(request, response), // koa answers its own failures
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
      throw new SkillosError('address_in_use', `Something else listens at "${where}" already`, {
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

/** What Node could not read as a request has no context: the answer is written by hand. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const requestId = randomUUID();
  const problem = problemOf(asRefusal(error), requestId, '\0');
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

function asRefusal({ code }: NodeJS.ErrnoException): SkillosError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new SkillosError('request_timeout', 'The request did not arrive whole in time');
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new SkillosError('headers_too_large', `The headers are larger than ${MAX_HEADER_BYTES} bytes`);
  }
  return new SkillosError('bad_request', 'What arrived is not a request of HTTP/1.1');
}
