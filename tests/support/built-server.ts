/** The API as users run it: `skillos serve` of the built program, and requests to it. */
import { exchange } from './api.ts';
import type { ApiReply, ApiRequest } from './api.ts';
import { startSkillos } from './skillos-process.ts';
import type { SkillosProcess } from './skillos-process.ts';

export interface BuiltServer {
  readonly url: string;
  readonly process: SkillosProcess;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<ApiReply>;
  post(path: string, json?: unknown, headers?: Readonly<Record<string, string>>): Promise<ApiReply>;
  send(method: string, path: string, request?: ApiRequest): Promise<ApiReply>;
  /** Resolves when the process has ended. */
  close(): Promise<void>;
}

/** `env` is the whole environment. Requests are not limited unless it says so. */
export async function serveBuilt(env: Readonly<Record<string, string>>): Promise<BuiltServer> {
  const server = startSkillos(['serve', '--port', '0', '--json'], {
    env: { SKILLOS_RATE_LIMIT_ENABLED: '0', ...env },
    timeoutMs: 300_000,
  });
  const [line] = await server.until('stdout', /\{.*\}\n/);
  const { url } = JSON.parse(line) as { readonly url: string };
  const send = (method: string, path: string, what?: ApiRequest) => exchange(url, method, path, what);
  return {
    url,
    process: server,
    send,
    get: (path, headers = {}) => send('GET', path, { headers }),
    post: (path, json, headers = {}) =>
      send('POST', path, { headers, ...(json === undefined ? {} : { json }) }),
    async close() {
      server.signal('SIGTERM');
      await server.ended;
    },
  };
}
