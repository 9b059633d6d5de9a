/** The API on a port of its own, in this process, and requests to it. */
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { openPorts } from '../../adapters/open.ts';
import type { Temporal } from '../../client/temporal/connection.ts';
import { parseConfig } from '../../core/settings/config.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import { startServer } from '../../server/http/http-server.ts';
import type { RunningServer } from '../../server/http/http-server.ts';

export interface ApiRequest {
  /** Sent as JSON; `raw` is sent as it is. */
  readonly json?: unknown;
  readonly raw?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Parsed, where it is JSON. */
  readonly body: Readonly<Record<string, JsonValue>>;
}

export interface TestApi {
  readonly url: string;
  readonly server: RunningServer;
  /** Faults that the server reported. */
  readonly faults: unknown[];
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<ApiReply>;
  post(path: string, json?: unknown, headers?: Readonly<Record<string, string>>): Promise<ApiReply>;
  send(method: string, path: string, request?: ApiRequest): Promise<ApiReply>;
  close(): Promise<void>;
}

interface ApiOptions {
  readonly settings?: Readonly<Record<string, string>>;
  readonly host?: string;
  /** Of a deployment; without, every run is refused with `engine_unreachable`. */
  readonly connect?: () => Promise<Temporal>;
}

/** Requests are not limited, unless the settings say so. */
export async function openApi(root: string, options: ApiOptions = {}): Promise<TestApi> {
  const env = {
    SKILLOS_RATE_LIMIT_ENABLED: '0',
    SKILLOS_CACHE_DIR: join(root, '.cache'),
    ...options.settings,
    SKILLOS_ROOT: root,
  };
  const config = parseConfig(env);
  const { roots, state, ports } = openPorts(config, Date.now);
  const faults: unknown[] = [];
  const server = await startServer(
    {
      config,
      env,
      host: options.host ?? '127.0.0.1',
      ports,
      roots,
      blobs: state.blobs,
      attachments: state.attachments,
      connect: options.connect ?? noTemporal,
      isRemote: options.connect !== undefined,
      onFault: (error) => faults.push(error),
    },
    0,
  );
  const send = (method: string, path: string, what?: ApiRequest) => exchange(server.url, method, path, what);
  return {
    url: server.url,
    server,
    faults,
    get: (path, headers = {}) => send('GET', path, { headers }),
    post: (path, json, headers = {}) =>
      send('POST', path, { headers, ...(json === undefined ? {} : { json }) }),
    send,
    async close() {
      await server.stop();
      await state.close();
    },
  };
}

async function noTemporal(): Promise<never> {
  throw new SkillosError('engine_unreachable', 'Temporal does not answer at "nowhere"');
}

/** As it is: `fetch` would set right what a hostile client sends. */
export function exchange(
  url: string,
  method: string,
  path: string,
  { json, raw, headers = {} }: ApiRequest = {},
): Promise<ApiReply> {
  const body = json === undefined ? raw : JSON.stringify(json);
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers: { ...type, ...headers }, agent: false });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const { statusCode: status = 0, headers: received } = response;
        const isJson = /json/.test(received['content-type'] ?? '') && text !== '';
        resolve({ status, headers: received, text, body: isJson ? (JSON.parse(text) as never) : {} });
      });
    });
    sent.end(body);
  });
}
