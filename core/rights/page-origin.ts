/** Recognises requests that a browser sends on behalf of a page of another site (CSRF), or to a foreign host name (DNS rebinding). */

/** Header fields of an HTTP request; an absent field is an empty text. */
export interface RequestOrigin {
  readonly method: string;
  readonly host: string;
  readonly origin: string;
  /** `Sec-Fetch-Site` of the Fetch Metadata Request Headers. */
  readonly site: string;
}

const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

/** True for the names of this machine's loopback addresses, with any port. */
export function isLocalHost(host: string): boolean {
  return LOCAL_HOST.test(host);
}

/** True if the request comes from a page of another origin. A browser that sends no Origin still sends Sec-Fetch-Site. */
export function isForeignPage({ method, host, origin, site }: RequestOrigin): boolean {
  if (origin !== '') return !isOwn(origin.toLowerCase(), host.toLowerCase());
  const isRead = method === 'GET' || method === 'HEAD';
  return !isRead && (site === 'cross-site' || site === 'same-site');
}

function isOwn(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`;
}
