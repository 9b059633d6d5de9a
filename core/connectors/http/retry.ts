/** Decides whether one more request is made, and when. */
import type { HttpMethod } from './request.ts';

/** Requests of one call. */
const MAX_ATTEMPTS = 3;
const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 2000;
/** Methods whose effect is the same once or twice (RFC 9110, 9.2.2). */
const IDEMPOTENT: ReadonlySet<HttpMethod> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
const BUSY: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** How a request ended. */
export type AttemptEnd =
  /** No connection was made, so that nothing was sent. */
  | { readonly kind: 'unsent' }
  /** The connection broke, and the server may have acted. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterMs?: number | undefined };

export interface Attempt {
  readonly method: HttpMethod;
  /** From 1. */
  readonly number: number;
  readonly end: AttemptEnd;
}

/** Returns the pause in milliseconds before the next attempt, or undefined if there is none. `random` is in [0, 1). */
export function retryPauseMs({ method, number, end }: Attempt, random: number): number | undefined {
  if (number >= MAX_ATTEMPTS || !isRepeatable(method, end)) return undefined;
  const jitter = random * Math.min(FIRST_PAUSE_MS * 2 ** (number - 1), MAX_PAUSE_MS);
  return ((end.kind === 'answered' && end.retryAfterMs) || 0) + jitter;
}

function isRepeatable(method: HttpMethod, end: AttemptEnd): boolean {
  switch (end.kind) {
    case 'unsent':
      return true;
    case 'lost':
      return IDEMPOTENT.has(method);
    case 'answered':
      return IDEMPOTENT.has(method) && BUSY.has(end.status);
  }
}
