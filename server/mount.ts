/** From a request to an endpoint and back: who asks, how often, with what; and the answer. */
import { Readable } from 'node:stream';
import type { Context, Middleware } from 'koa';
import type { RateDecision } from '../core/rate-limit.ts';
import { addressKey, principalKey } from '../core/rate-limit.ts';
import { SkillosError, isSkillosError } from '../core/errors.ts';
import { JSON_TYPE } from './endpoint.ts';
import type { Call, Endpoint, Reply } from './endpoint.ts';
import type { CallerIn } from './identity.ts';
import { readJsonBody } from './request-body.ts';
import { queryValues, readFields } from './request-fields.ts';
import type { Services } from './services.ts';

const NO_FIELDS = {} as never; // of an endpoint that has no such schema

export function mount(endpoint: Endpoint, services: Services): Middleware {
  return async function answer(ctx) {
    const caller = endpoint.access === 'open' ? undefined : await admit(ctx, services);
    const call = await callOf(ctx, endpoint, { services, caller });
    write(ctx, await endpoint.handle(call));
  };
}

/** A refused token counts for the address that it came from. */
async function admit(ctx: Context, services: Services): Promise<CallerIn> {
  const { identities } = services;
  const address = addressKey(ctx.req.socket.remoteAddress ?? '');
  try {
    const caller = await identities.identify(ctx.req.headers.authorization);
    const isProven = ctx.req.headers.authorization !== undefined;
    await limit(ctx, services, isProven ? principalKey(caller()) : address);
    return caller;
  } catch (error) {
    if (isSkillosError(error, 'token_missing') || isSkillosError(error, 'token_invalid')) {
      await limit(ctx, services, address);
    }
    throw error;
  }
}

/** Counts the request for `key` and says so; throws `rate_limited` where it is one too many. */
export async function limit(
  ctx: Context,
  { limiter, metrics, config }: Services,
  key: string,
): Promise<void> {
  if (limiter === undefined) return;
  const decision = await limiter.take(key).catch((error: unknown) => {
    metrics.rateDecided('unavailable');
    throw error;
  });
  tell(ctx, decision, config.rateLimitWindowSeconds);
  metrics.rateDecided(decision.isAllowed ? 'allowed' : 'refused');
  if (decision.isAllowed) return;
  const seconds = Math.ceil(decision.resetMs / 1000);
  ctx.set('Retry-After', String(seconds));
  throw new SkillosError('rate_limited', `More than ${decision.limit} requests: try again in ${seconds} s`);
}

/** As draft-ietf-httpapi-ratelimit-headers has them. */
function tell(ctx: Context, { limit, remaining, resetMs }: RateDecision, windowSeconds: number): void {
  ctx.set('RateLimit-Policy', `"default";q=${limit};w=${windowSeconds}`);
  ctx.set('RateLimit', `"default";r=${remaining};t=${Math.ceil(resetMs / 1000)}`);
}

async function callOf(
  ctx: Context,
  endpoint: Endpoint,
  { services, caller }: { readonly services: Services; readonly caller: CallerIn | undefined },
): Promise<Call<never, never>> {
  const { config, permissions } = services;
  const requestId = ctx.state['requestId'] as string;
  const rights = async (role?: string) => {
    if (caller === undefined) throw new SkillosError('internal', 'Nobody asked who calls');
    const { principal, tenant } = caller(role);
    return { principal, tenant, production: config.production, file: await permissions() };
  };
  return {
    params: ctx['params'] as Record<string, string>,
    query: queryOf(endpoint, ctx),
    body: await bodyOf(endpoint, ctx, config.apiMaxBodyBytes),
    header: (name) => ctx.get(name) || undefined,
    requestId,
    runTag: ctx.state['runTag'] as string | undefined,
    signal: () => AbortSignal.any([services.lifecycle.stopping, gone(ctx)]), // few need it, and it is dear
    services,
    rights,
    actor: async (role) => ({ rights: await rights(role), way: 'api', requestId }),
  };
}

function queryOf({ query }: Endpoint, ctx: Context): never {
  if (query === undefined && ctx.querystring === '') return NO_FIELDS;
  const given = new URLSearchParams(ctx.querystring);
  if (query !== undefined) return readFields(query, queryValues(query, given), 'query_invalid') as never;
  const [unknown] = given.keys();
  if (unknown === undefined) return NO_FIELDS;
  throw new SkillosError(
    'query_invalid',
    `Unknown field ${JSON.stringify(unknown.slice(0, 80))}: expected no query`,
  );
}

async function bodyOf({ body }: Endpoint, ctx: Context, maxBytes: number): Promise<never> {
  const value = await readJsonBody(ctx.req, maxBytes);
  if (body !== undefined) return readFields(body, value ?? {}, 'request_invalid') as never;
  if (value === undefined) return NO_FIELDS;
  throw new SkillosError('request_invalid', 'Invalid body: expected none');
}

/** Aborts when the client has closed the connection before the answer was whole. */
function gone(ctx: Context): AbortSignal {
  const abort = new AbortController();
  ctx.res.once('close', () => abort.abort());
  return abort.signal;
}

function write(ctx: Context, { status = 200, headers, json, content }: Reply): void {
  ctx.status = status;
  if (content !== undefined) {
    ctx.set('Content-Type', content.type); // first, or Koa looks what the body may be
    ctx.body = content.body;
    // Koa answers HEAD without reading what it would have sent.
    if (ctx.method === 'HEAD' && content.body instanceof Readable) content.body.destroy();
  } else if (json !== undefined) {
    ctx.res.setHeader('Content-Type', JSON_TYPE);
    ctx.body = JSON.stringify(json);
  } else {
    ctx.body = null;
    ctx.status = status;
  }
  if (headers !== undefined) ctx.set(headers);
}
