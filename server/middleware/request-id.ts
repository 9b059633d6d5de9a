import { randomUUID } from 'node:crypto';
import type { Middleware } from 'koa';

const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$/;

/** Takes the caller's own id where it is a plain one, so that its logs and ours tell of the same request. */
export function requestIds(): Middleware {
  return function nameRequest(ctx, next) {
    const given = ctx.get('X-Request-Id');
    const requestId = REQUEST_ID.test(given) ? given : randomUUID();
    ctx.state['requestId'] = requestId;
    ctx.set('X-Request-Id', requestId);
    return next();
  };
}
