/** Posts notices to the webhook of the operator, signed by Standard Webhooks, and repeats failed ones with growing pauses. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { Notice } from '../../core/telemetry/notice.ts';
import { backoffMs } from '../../core/values/backoff.ts';
import { schemeOf } from '../../core/webhooks/scheme.ts';

export interface NotifierOptions {
  readonly url: string;
  readonly secret: string | undefined;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Receives a line for a notice that was given up. */
  readonly note: (line: string) => void;
  /** Pause after the first failed attempt. */
  readonly firstPauseMs?: number;
}

/** Resolves when the notice has been taken or was given up; never rejects. */
export type Notify = (notice: Notice, signal: AbortSignal) => Promise<void>;

const ATTEMPTS = 8;
const ANSWER_WITHIN_MS = 10_000;
const MAX_PAUSE_MS = 60_000;

export function openNotifier({ firstPauseMs = 1000, ...options }: NotifierOptions): Notify {
  return async (notice, signal) => {
    const body = Buffer.from(JSON.stringify(notice.body));
    for (let attempt = 0; ; attempt++) {
      const answer = await post(options, { id: notice.id, body }, signal);
      if (answer === 'taken') return;
      if (answer === 'refused' || attempt + 1 === ATTEMPTS || signal.aborted) {
        options.note(
          `notice ${notice.id} was not delivered: the webhook ${answer === 'refused' ? 'refused it' : 'did not answer'}`,
        );
        return;
      }
      const pause = backoffMs({ firstMs: firstPauseMs, maxMs: MAX_PAUSE_MS }, attempt);
      await delay(pause, undefined, { signal }).catch(() => undefined); // aborted: one more attempt, which fails at once
    }
  };
}

type Answer = 'taken' | 'refused' | 'failed';

/** Any status from 200 to 299 takes the notice; 408, 429 and 5xx may take it later. */
function post(
  { url, secret, now }: Pick<NotifierOptions, 'url' | 'secret' | 'now'>,
  { id, body }: { readonly id: string; readonly body: Buffer },
  signal: AbortSignal,
): Promise<Answer> {
  const seconds = Math.floor(now() / 1000);
  const signed =
    secret === undefined
      ? { 'webhook-id': id, 'webhook-timestamp': String(seconds) }
      : schemeOf('standard').headers({ secret, body, now: seconds, id });
  const headers = { ...signed, 'content-type': 'application/json', 'content-length': String(body.length) };
  const open = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    const request = open(
      url,
      { method: 'POST', headers, signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]) },
      (response) => {
        response.resume();
        resolve(answerOf(response.statusCode ?? 0));
      },
    );
    request.on('error', () => resolve('failed'));
    request.end(body);
  });
}

function answerOf(status: number): Answer {
  if (status >= 200 && status < 300) return 'taken';
  return status === 408 || status === 429 || status >= 500 ? 'failed' : 'refused';
}
