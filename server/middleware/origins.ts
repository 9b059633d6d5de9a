import type { Context, Middleware } from 'koa';
import { SkillosError } from '../../core/errors.ts';

interface Origins {
  /** Sites whose pages may call the API. */
  readonly allowed: readonly string[];
  /** Whether callers are believed because they are on this machine: then a name that leads here must be ours. */
  readonly localOnly: boolean;
}

const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;
const MAX_AGE_SECONDS = '600';
const EXPOSED = 'Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Idempotency-Replayed';

/**
 * Refuses what pages of other sites send (a browser sends it without asking), and requests to a foreign name that was
 * made to lead to this machine (DNS rebinding). Answers the preflights of sites that are allowed.
 */
export function origins({ allowed, localOnly }: Origins): Middleware {
  const known = new Set(allowed);
  return function checkOrigin(ctx, next) {
    if (localOnly && !LOCAL_HOST.test(ctx.get('Host'))) {
      throw new SkillosError(
        'origin_refused',
        'Without tokens this server answers to localhost, 127.0.0.1 and [::1] only',
      );
    }
    const origin = ctx.get('Origin').toLowerCase();
    if (known.size > 0) ctx.vary('Origin');
    if (known.has(origin)) return answerKnown(ctx, origin, next);
    const isForeign = origin === '' ? isForeignWrite(ctx) : !isOwn(ctx, origin);
    if (isForeign) throw new SkillosError('origin_refused', 'A page of another site sent the request');
    return next();
  };
}

/** A browser that leaves out the origin still says that the site is another. */
function isForeignWrite(ctx: Context): boolean {
  const site = ctx.get('Sec-Fetch-Site');
  return ctx.method !== 'GET' && ctx.method !== 'HEAD' && (site === 'cross-site' || site === 'same-site');
}

function isOwn(ctx: Context, origin: string): boolean {
  const host = ctx.get('Host').toLowerCase();
  return origin === `http://${host}` || origin === `https://${host}`;
}

function answerKnown(ctx: Context, origin: string, next: () => Promise<void>): Promise<void> | undefined {
  ctx.set('Access-Control-Allow-Origin', origin);
  ctx.set('Access-Control-Expose-Headers', EXPOSED);
  if (ctx.method !== 'OPTIONS' || ctx.get('Access-Control-Request-Method') === '') return next();
  ctx.set('Access-Control-Allow-Methods', 'GET, POST');
  ctx.set(
    'Access-Control-Allow-Headers',
    'Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Approval-Token, X-Request-Id',
  );
  ctx.set('Access-Control-Max-Age', MAX_AGE_SECONDS);
  ctx.status = 204;
  return undefined;
}
