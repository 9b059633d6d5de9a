/** A real HTTP server on loopback that a test scripts, and that remembers what it was asked. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

interface Received {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpServer extends AsyncDisposable {
  readonly port: number;
  /** Without a slash at its end. */
  readonly url: string;
  /** Each complete request, before it is answered. */
  readonly requests: Received[];
}

export async function httpServer(answer: RequestListener, tls?: ServerOptions): Promise<HttpServer> {
  const requests: Received[] = [];
  const listener: RequestListener = (request, response) => {
    const { method = '', url = '', headers } = request;
    void buffer(request).then(
      (body) => {
        requests.push({ method, url, headers, body });
        answer(request, response);
      },
      () => undefined, // the client gave up
    );
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    port,
    url: `http${tls === undefined ? '' : 's'}://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
