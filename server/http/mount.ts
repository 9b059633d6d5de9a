/** Connects an endpoint to Koa: authenticates the caller, limits its rate, parses the request, writes the reply. */
import { Readable } from 'node:stream';
import type { Context, Middleware } from 'koa';
import { joinSignals } from '../../client/joined-signal.ts';
import type { RateDecision } from '../../core/limits/rate-limit.ts';
import { addressKey, principalKey } from '../../core/limits/rate-limit.ts';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { JSON_TYPE } from './endpoint.ts';
import type { Call, Endpoint, Reply } from './endpoint.ts';
import type { Identity } from '../services/identity.ts';
import { readJsonBody, readRawBody } from './request-body.ts';
import { queryValues, readFields } from './request-fields.ts';
import type { Services } from '../services/services.ts';

const NO_FIELDS = {} as never; // for an endpoint without such a schema

/** Refusals that count against the rate limit of the address; the token of another tenant is one of them. */
const COUNTED = ['token_missing', 'token_invalid', 'tenant_mismatch'] as const;

export function mount(endpoint: Endpoint, services: Services): Middleware {
  return async function answer(ctx) {
    const identity = endpoint.access === 'open' ? undefined : await authenticate(ctx, services);
    ctx.state['isIdentified'] = identity !== undefined;
    const call = await callOf(ctx, endpoint, { services, identity });
    write(ctx, await endpoint.handle(call));
  };
}

/** A rejected token counts against the rate limit of its address. */
async function authenticate(ctx: Context, services: Services): Promise<Identity> {
  const { identities, addressOf } = services;
  const address = addressKey(addressOf(ctx.req));
  try {
    const identity = await identities.identify(ctx.req.headers.authorization);
    const isProven = ctx.req.headers.authorization !== undefined;
    await limit(ctx, services, isProven ? principalKey(identity.callerIn()) : address);
    return identity;
  } catch (error) {
    if (COUNTED.some((code) => isSkillosError(error, code))) await limit(ctx, services, address);
    throw error;
  }
}

/** Counts the request under `key` and sets the RateLimit headers. Rejects with `rate_limited` over the limit. */
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
  setRateHeaders(ctx, decision, config.rateLimitWindowSeconds);
  metrics.rateDecided(decision.isAllowed ? 'allowed' : 'refused');
  if (decision.isAllowed) return;
  const seconds = Math.ceil(decision.resetMs / 1000);
  ctx.set('Retry-After', String(seconds));
  throw new SkillosError(
    'rate_limited',
    `More than ${decision.limit} requests in ${config.rateLimitWindowSeconds} s; try again in ${seconds} s`,
  );
}

/** Headers of draft-ietf-httpapi-ratelimit-headers. */
function setRateHeaders(
  ctx: Context,
  { limit, remaining, resetMs }: RateDecision,
  windowSeconds: number,
): void {
  ctx.set('RateLimit-Policy', `"default";q=${limit};w=${windowSeconds}`);
  ctx.set('RateLimit', `"default";r=${remaining};t=${Math.ceil(resetMs / 1000)}`);
}

async function callOf(
  ctx: Context,
  endpoint: Endpoint,
  { services, identity }: { readonly services: Services; readonly identity: Identity | undefined },
): Promise<Call<never, never>> {
  const { config, permissions } = services;
  const requestId = ctx.state['requestId'] as string;
  const known = () => {
    if (identity !== undefined) return identity;
    throw new SkillosError('internal', 'The endpoint reads a caller, but is open');
  };
  const rights = async (role?: string) => {
    const { principal, tenant } = known().callerIn(role);
    return { principal, tenant, production: config.production, file: await permissions() };
  };
  return {
    params: ctx['params'] as Record<string, string>,
    query: queryOf(endpoint, ctx),
    body: await bodyOf(endpoint, ctx, config.apiMaxBodyBytes),
    rawBody: (maxBytes) => readRawBody(ctx.req, maxBytes),
    header: (name) => ctx.get(name) || undefined,
    requestId,
    runTag: ctx.state['runTag'] as string | undefined,
    traceparent: ctx.state['traceparent'] as string | undefined,
    signal: () => signalOf(ctx, services.lifecycle.stopping), // made on demand: few endpoints need it
    services,
    openStream() {
      const { callerIn, expiresAt } = known();
      return services.streams.open({ key: principalKey(callerIn()), expiresAt });
    },
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

async function bodyOf({ body, takesRawBody }: Endpoint, ctx: Context, maxBytes: number): Promise<never> {
  if (takesRawBody) return NO_FIELDS;
  const value = await readJsonBody(ctx.req, maxBytes);
  if (body !== undefined)
    return readFields(body, value === undefined ? {} : value, 'request_invalid') as never;
  if (value === undefined) return NO_FIELDS;
  throw new SkillosError('request_invalid', 'Invalid body: this endpoint takes none');
}

/** Aborts when the response has ended, the client closes the connection, or the server stops. */
function signalOf(ctx: Context, stopping: AbortSignal): AbortSignal {
  const { signal, abort } = joinSignals([stopping]);
  ctx.res.once('close', abort);
  return signal;
}

function write(ctx: Context, { status = 200, headers, json, content }: Reply): void {
  ctx.status = status;
  if (content !== undefined) {
    ctx.set('Content-Type', content.type); // before the body, otherwise Koa guesses a type
    ctx.body = content.body;
    // Koa answers HEAD without reading the stream.
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
