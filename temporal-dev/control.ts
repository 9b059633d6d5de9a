/** Control port of a local engine: an HTTP server on loopback that answers only callers who prove the nonce. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';
import { isProof, PROOF_HEADER, proofsOf } from './client/engine-control.ts';
import { workerEnvironmentSchema } from './client/engine-record.ts';
import type { EngineStatus, WorkerEnvironment } from './client/engine-record.ts';

export interface ControlHandlers {
  status(): EngineStatus;
  replaceWorker(environment: WorkerEnvironment): void;
  stop(): void;
}

export interface Control {
  readonly port: number;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1024 * 1024;

/** Resolves when the port listens. Rejects if the system gives no port. */
export async function openControl(nonce: string, handlers: ControlHandlers): Promise<Control> {
  const server = createServer((request, response) => {
    answer(request, nonce, handlers)
      .catch(() => ({ code: 400, body: {} })) // the body did not parse; its text may hold secrets
      .then(({ code, body }) => send(response, code, { nonce, body }))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, resolve);
  });
  const { port } = server.address() as AddressInfo; // an object, because it listens on TCP
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Answer {
  readonly code: number;
  readonly body: object;
}

async function answer(request: IncomingMessage, nonce: string, handlers: ControlHandlers): Promise<Answer> {
  const given = request.headers.authorization?.replace(/^Bearer /, '');
  if (!isProof(given, proofsOf(nonce).ofCommand)) return { code: 401, body: {} };
  switch (`${request.method} ${request.url}`) {
    case 'GET /status':
      break;
    case 'POST /worker':
      handlers.replaceWorker(workerEnvironmentSchema.parse(JSON.parse(await bodyOf(request))));
      break;
    case 'POST /stop':
      handlers.stop();
      break;
    default:
      return { code: 404, body: {} };
  }
  return { code: 200, body: handlers.status() };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = z.instanceof(Buffer).parse(chunk);
    size += bytes.length;
    if (size > MAX_BODY_BYTES) throw new Error('body too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Adds the engine's proof only for a caller who has proved the nonce. */
function send(
  response: ServerResponse,
  code: number,
  { nonce, body }: { nonce: string; body: object },
): void {
  response.writeHead(code, {
    'content-type': 'application/json',
    connection: 'close',
    ...(code === 401 ? {} : { [PROOF_HEADER]: proofsOf(nonce).ofEngine }),
  });
  response.end(JSON.stringify(body));
}
