/** Decides where a redirect leads: to the same scheme, host and port, or nowhere. */
import { SkillosError } from '../../errors/errors.ts';
import type { HttpMethod } from './request.ts';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface Hop {
  readonly url: URL;
  readonly method: HttpMethod;
}

/**
 * Returns the request that the answer asks for, or undefined if it is no redirect. With another method than before it has
 * no body. Throws `host_refused` if it leaves the origin.
 */
export function redirectOf(hop: Hop, status: number, location: string | undefined): Hop | undefined {
  if (location === undefined || !REDIRECTS.has(status)) return undefined;
  const url = URL.canParse(location, hop.url.href) ? new URL(location, hop.url) : undefined;
  if (url?.origin === hop.url.origin && url.username === '' && url.password === '') {
    return { url, method: turnsToGet(hop.method, status) ? 'GET' : hop.method };
  }
  const where = url === undefined ? 'to a place that is no URL' : `to ${url.protocol}//${url.host}`;
  throw new SkillosError('host_refused', `${hop.url.origin} redirected the call ${where}`);
}

/** As browsers do it (RFC 9110, 15.4). */
function turnsToGet(method: HttpMethod, status: number): boolean {
  return status === 303 ? method !== 'HEAD' : status < 303 && method === 'POST';
}
