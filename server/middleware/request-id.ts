import { randomFillSync } from 'node:crypto';
import type { Middleware } from 'koa';
import { ulid } from 'ulid';

const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$/;

/** Takes the caller's own id where it is a plain one, so that its logs and ours tell of the same request. */
export function requestIds(): Middleware {
  return function nameRequest(ctx, next) {
    const given = ctx.get('X-Request-Id');
    const isGiven = REQUEST_ID.test(given);
    const requestId = isGiven ? given : ulid(undefined, randomFraction);
    ctx.state['requestId'] = requestId;
    if (!isGiven) ctx.state['runTag'] = requestId;
    ctx.res.setHeader('X-Request-Id', requestId);
    return next();
  };
}

/** Drawn many at once: one at a time they would cost more than the rest of a small answer. */
const pool = new Uint8Array(4096);
let drawn = pool.length;

/** From 0 to below 1, in steps fine enough for the 32 letters of a ULID. */
function randomFraction(): number {
  if (drawn === pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  return (pool[drawn++] as number) / 256;
}
