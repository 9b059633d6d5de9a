/** How many requests of one caller are let through: a number in a window that begins with the first of them. */
import type { Caller } from './principal.ts';

export interface RateLimit {
  readonly requests: number;
  readonly windowMs: number;
}

/** The requests of one caller since its window began. */
export interface RateWindow {
  readonly count: number;
  /** On the clock of whoever counts, in ms. */
  readonly endsAt: number;
}

export interface RateDecision {
  readonly isAllowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Until the window ends and all requests are there again. */
  readonly resetMs: number;
}

/** One more request, also where it is refused: it does not prolong the window. */
export function countRequest(window: RateWindow | undefined, now: number, rule: RateLimit): RateWindow {
  if (window === undefined || window.endsAt <= now) return { count: 1, endsAt: now + rule.windowMs };
  return { ...window, count: window.count + 1 };
}

/** `count` includes the request that is asked about. */
export function decideRate(count: number, resetMs: number, { requests }: RateLimit): RateDecision {
  return {
    isAllowed: count <= requests,
    limit: requests,
    remaining: Math.max(0, requests - count),
    resetMs,
  };
}

/** Whose requests are counted together, where somebody proved who they are. */
export function principalKey({ principal, tenant }: Caller): string {
  return `principal:${tenant}:${principal.subject}`;
}

/** The same for everybody else: the address, of IPv6 the network of /64 that one subscriber commonly has. */
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
