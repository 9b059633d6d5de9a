/** An HTTP client for one server: requests below its base_url, with a timeout, retries, and redirects to itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'undici';
import { redirectOf } from '../../../core/connectors/http/redirect.ts';
import type { Hop } from '../../../core/connectors/http/redirect.ts';
import type { HttpRequest } from '../../../core/connectors/http/request.ts';
import { retryPauseMs } from '../../../core/connectors/http/retry.ts';
import type { AttemptEnd } from '../../../core/connectors/http/retry.ts';
import { urlBelow } from '../../../core/connectors/http/target.ts';
import { SkillosError, isSkillosError } from '../../../core/errors/errors.ts';
import { readAnswer } from './answer.ts';
import type { HttpAnswer } from './answer.ts';
import { ConnectFailure, MAX_BODY_BYTES, openPool } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';
import { withDeadline } from '../deadline.ts';
import type { Deadline } from '../deadline.ts';

export interface HttpClientOptions extends ConnectionOptions {
  /** Maximum of redirects that are followed, each to the same origin; default 0. */
  readonly followRedirects?: number;
}

export interface HttpClient {
  /**
   * Resolves to the last answer, whatever its status is. Rejects with one of the codes of connectors, in a message
   * without headers, query and body; or with the reason of the signal.
   */
  request(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  /** Resolves when the requests in progress have ended. */
  close(): Promise<void>;
}

/** One request on the wire. */
interface Sent extends Hop {
  readonly headers: Readonly<Record<string, string>>;
  readonly content?: Uint8Array;
}

interface Call {
  readonly id: string;
  readonly pool: Pool;
  readonly deadline: Deadline;
}

const DEFAULT_HEADERS = { 'user-agent': 'skillos', 'accept-encoding': 'gzip, deflate, br' };

export function openHttpClient({ followRedirects = 0, ...options }: HttpClientOptions): HttpClient {
  const pool = openPool(options);
  const { id, baseUrl, timeoutMs: maxMs } = options;
  return {
    async request(request, signal) {
      const first = firstOf(baseUrl, request);
      const ms = Math.min(request.timeoutMs ?? maxMs, maxMs);
      const expired = () =>
        new SkillosError('connector_timeout', `Connector "${id}" got no answer within ${ms} ms`);
      return withDeadline({ ms, signal, expired }, (deadline) =>
        follow({ id, pool, deadline }, first, followRedirects),
      );
    },
    close: () => pool.close(),
  };
}

function firstOf(baseUrl: string, { method, path, query, headers, body }: HttpRequest): Sent {
  const type = body?.contentType;
  return {
    url: urlBelow(baseUrl, path, query),
    method,
    headers: { ...DEFAULT_HEADERS, ...(type !== undefined && { 'content-type': type }), ...headers },
    ...(body && { content: Buffer.from(body.text, body.encoding) }),
  };
}

async function follow(call: Call, first: Sent, redirects: number): Promise<HttpAnswer> {
  let sent = first;
  for (let left = redirects; ; left--) {
    const answer = await repeat(call, sent);
    const next = left === 0 ? undefined : redirectOf(sent, answer.status, answer.headers['location']);
    if (next === undefined) return answer;
    sent =
      next.method === sent.method ? { ...sent, ...next } : { ...next, headers: withoutBody(sent.headers) };
  }
}

function withoutBody(headers: Sent['headers']): Sent['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('content-')));
}

async function repeat(call: Call, sent: Sent): Promise<HttpAnswer> {
  for (let number = 1; ; number++) {
    const outcome = await attempt(call, sent);
    const { end } = outcome;
    const pauseMs = end && retryPauseMs({ method: sent.method, number, end }, Math.random());
    if (pauseMs === undefined || pauseMs >= call.deadline.remainingMs()) {
      if ('error' in outcome) throw outcome.error;
      return outcome.answer;
    }
    await sleep(pauseMs, undefined, { signal: call.deadline.signal });
  }
}

/** Without an end, the attempt is never repeated. */
type Outcome =
  | { readonly answer: HttpAnswer; readonly end: AttemptEnd }
  | { readonly error: SkillosError; readonly end?: AttemptEnd };

async function attempt({ id, pool, deadline }: Call, sent: Sent): Promise<Outcome> {
  try {
    const { statusCode, headers, body } = await pool.request({
      path: `${sent.url.pathname}${sent.url.search}`,
      method: sent.method,
      headers: sent.headers,
      body: sent.content ?? null,
      signal: deadline,
    });
    const answer = await readAnswer({ status: statusCode, headers, content: await body.bytes() });
    return { answer, end: answered(answer) };
  } catch (error) {
    return failed(`Connector "${id}"`, sent.url.host, error);
  }
}

function answered({ status, headers: { 'retry-after': after } }: HttpAnswer): AttemptEnd {
  if (after === undefined) return { kind: 'answered', status };
  const ms = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now();
  return { kind: 'answered', status, ...(ms > 0 && { retryAfterMs: ms }) };
}

/** Codes of undici and zlib. */
const TOO_LARGE: ReadonlySet<unknown> = new Set([
  'UND_ERR_RES_EXCEEDED_MAX_SIZE',
  'UND_ERR_HEADERS_OVERFLOW',
  'ERR_BUFFER_TOO_LARGE',
]);

function failed(who: string, host: string, error: unknown): Outcome {
  if (isSkillosError(error)) return { error };
  const isUnsent = error instanceof ConnectFailure;
  const { code, name } = (isUnsent ? error.cause : error) as NodeJS.ErrnoException;
  if (TOO_LARGE.has(code)) {
    const message = `${who} got an answer of ${host} that is larger than ${MAX_BODY_BYTES} bytes`;
    return { error: new SkillosError('response_too_large', message) };
  }
  const what = isUnsent ? 'could not connect to' : 'got no complete answer from';
  return {
    error: new SkillosError('connector_unreachable', `${who} ${what} ${host}: ${code ?? name}`, {
      cause: error,
    }),
    end: { kind: isUnsent ? 'unsent' : 'lost' },
  };
}
