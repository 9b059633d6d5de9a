import type { Context, Middleware } from 'koa';
import { SkillosError } from '../../core/errors/errors.ts';
import { isForeignPage, isLocalHost } from '../../core/rights/page-origin.ts';

interface Origins {
  /** Origins whose pages may call the API (CORS). */
  readonly allowed: readonly string[];
  /** True if callers need no token because they are on this machine; the Host must then be a loopback name. */
  readonly localOnly: boolean;
}

const MAX_AGE_SECONDS = '600';
const EXPOSED = 'Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Idempotency-Replayed';

/**
 * Refuses requests from pages of other sites (CSRF), and requests to a foreign host name that resolves to this machine (DNS
 * rebinding). Answers CORS preflights of allowed origins. Throws `origin_refused`.
 */
export function origins({ allowed, localOnly }: Origins): Middleware {
  const known = new Set(allowed);
  return function checkOrigin(ctx, next) {
    if (localOnly && !isLocalHost(ctx.get('Host'))) {
      throw new SkillosError(
        'origin_refused',
        'Without tokens this server accepts only the hosts localhost, 127.0.0.1 and [::1]',
      );
    }
    const origin = ctx.get('Origin').toLowerCase();
    if (known.size > 0) ctx.vary('Origin');
    if (known.has(origin)) return answerKnown(ctx, origin, next);
    if (isForeignPage({ method: ctx.method, host: ctx.get('Host'), origin, site: ctx.get('Sec-Fetch-Site') }))
      throw new SkillosError('origin_refused', 'A page of another site sent the request');
    return next();
  };
}

function answerKnown(ctx: Context, origin: string, next: () => Promise<void>): Promise<void> | undefined {
  ctx.set('Access-Control-Allow-Origin', origin);
  ctx.set('Access-Control-Expose-Headers', EXPOSED);
  if (ctx.method !== 'OPTIONS' || ctx.get('Access-Control-Request-Method') === '') return next();
  ctx.set('Access-Control-Allow-Methods', 'GET, POST, DELETE');
  ctx.set(
    'Access-Control-Allow-Headers',
    'Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Approval-Token, X-Request-Id',
  );
  ctx.set('Access-Control-Max-Age', MAX_AGE_SECONDS);
  ctx.status = 204;
  return undefined;
}
