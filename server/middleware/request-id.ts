import { randomFillSync } from 'node:crypto';
import type { Middleware } from 'koa';
import { ulid } from 'ulid';

const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$/;

/** Uses the caller's X-Request-Id if it is well-formed, so that its logs and ours can be joined; otherwise a new ULID. */
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

/** Random bytes drawn in bulk, because drawing them one by one costs more than the rest of a small response. */
const pool = new Uint8Array(4096);
let drawn = pool.length;

/** Returns a number in [0, 1) in steps of 1/256, enough for the 32 letters of a ULID. */
function randomFraction(): number {
  if (drawn === pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  return (pool[drawn++] as number) / 256;
}
