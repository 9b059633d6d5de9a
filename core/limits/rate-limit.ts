/** Rate limits: a number of requests per caller in a window that begins with the first request. */
import type { Caller } from '../rights/caller.ts';

export interface RateLimit {
  readonly requests: number;
  readonly windowMs: number;
}

/** The request count of one caller. */
export interface RateWindow {
  readonly count: number;
  /** Milliseconds on the clock of the counting process. */
  readonly endsAt: number;
}

export interface RateDecision {
  readonly isAllowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until the window ends and the count starts again. */
  readonly resetMs: number;
}

/** Counts a request. A refused request counts too, and no request extends the window. */
export function countRequest(window: RateWindow | undefined, now: number, rule: RateLimit): RateWindow {
  if (window === undefined || window.endsAt <= now) return { count: 1, endsAt: now + rule.windowMs };
  return { ...window, count: window.count + 1 };
}

/** Decides about one request; `count` includes it. */
export function decideRate(count: number, resetMs: number, { requests }: RateLimit): RateDecision {
  return {
    isAllowed: count <= requests,
    limit: requests,
    remaining: Math.max(0, requests - count),
    resetMs,
  };
}

/** Key of the counter of an authenticated caller. */
export function principalKey({ principal, tenant }: Caller): string {
  return `principal:${tenant}:${principal.subject}`;
}

/** Key of the counter of sign-ins from an address, so that neither they nor the API use up the requests of the other. */
export function signInKey(address: string): string {
  return `sign-in:${addressKey(address)}`;
}

/** Key of the counter of an address. For IPv6 the /64 network, which one subscriber commonly has. */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return `address:${mapped}`;
  if (!address.includes(':')) return `address:${address}`;
  const [bare] = address.toLowerCase().split('%') as [string];
  const [head, tail = ''] = bare.split('::') as [string, string?];
  const before = head.split(':').filter(Boolean);
  const after = tail.split(':').filter(Boolean);
  const missing = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  const network = [...before, ...missing, ...after].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `address:${network.join(':')}::/64`;
}
