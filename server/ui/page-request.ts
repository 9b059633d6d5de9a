/** One request for a page: the signed-in caller, and the services for the reply. */
import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import type { Actor } from '../../client/audit/authorize.ts';
import { isSameSecret } from '../../core/values/digest.ts';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import { principalKey, signInKey } from '../../core/limits/rate-limit.ts';
import { parseRunId } from '../../core/values/run-id.ts';
import type { OpenStream } from '../services/event-streams.ts';
import type { Identity } from '../services/identity.ts';
import { limit } from '../http/mount.ts';
import type { Services } from '../services/services.ts';
import { FORM_COOKIE, SESSION_COOKIE, setCookie } from './cookies.ts';
import { readForm } from './form-body.ts';
import type { Frame } from './page.ts';

/** Errors that another token may resolve: the visitor has to sign in again. */
const REFUSALS = ['token_missing', 'token_invalid', 'tenant_mismatch'] as const;

export interface PageRequest {
  readonly ctx: Context;
  readonly services: Services;
  /** The signed-in caller; undefined if nobody is. Without a configured key, the user of this machine. */
  readonly identity: Identity | undefined;
  readonly frame: Frame;
}

export async function openPageRequest(ctx: Context, services: Services): Promise<PageRequest> {
  // Without sign-in a cookie comes from another server at this address.
  const token = services.identities.anonymous ? undefined : ctx.cookies.get(SESSION_COOKIE);
  const identity = await admit(ctx, services, token);
  const frame: Frame = {
    nonce: newNonce(),
    hasSession: token !== undefined,
    formToken: formTokenOf(ctx, services),
    ...(identity === undefined ? {} : { subject: identity.callerIn().principal.subject }),
  };
  return { ctx, services, identity, frame };
}

/** The part of a request that its runs are submitted with. */
export function sourceOf({ services, ctx }: PageRequest) {
  const { requestId, traceparent } = ctx.state as {
    readonly requestId: string;
    readonly traceparent?: string;
  };
  return { services, requestId, traceparent };
}

/** Returns a random nonce, so that injected markup cannot satisfy the Content-Security-Policy. */
export function newNonce(): string {
  return randomBytes(16).toString('base64');
}

/**
 * Resolves to undefined if the visitor has to sign in, also with a token that is no longer accepted. Requests of such visitors
 * are counted by address and apart from those to the API.
 */
async function admit(
  ctx: Context,
  services: Services,
  token: string | undefined,
): Promise<Identity | undefined> {
  const address = services.addressOf(ctx.req);
  try {
    const identity = await services.identities.identify(token === undefined ? undefined : `Bearer ${token}`);
    // Without sign-in the pages are those of this machine alone, and share no limit with programs that use the API.
    if (token !== undefined) await limit(ctx, services, principalKey(identity.callerIn()));
    return identity;
  } catch (error) {
    if (!REFUSALS.some((code) => isSkillosError(error, code))) throw error;
    await limit(ctx, services, signInKey(address));
    return undefined;
  }
}

function formTokenOf(ctx: Context, { config }: Services): string {
  const known = ctx.cookies.get(FORM_COOKIE);
  if (known) return known;
  const value = randomBytes(32).toString('base64url');
  setCookie(ctx, FORM_COOKIE, { value, secure: config.production });
  return value;
}

function signedIn({ identity }: PageRequest): Identity {
  if (identity !== undefined) return identity;
  throw new SkillosError('token_missing', 'Expected a signed-in caller');
}

/** Counts an event stream of the caller until it is closed. Throws `too_many_streams`. */
export function openStream(request: PageRequest): OpenStream {
  const { callerIn, expiresAt } = signedIn(request);
  return request.services.streams.open({ key: principalKey(callerIn()), expiresAt });
}

export async function rightsOf(request: PageRequest): Promise<Rights> {
  const { callerIn } = signedIn(request);
  const { config, permissions } = request.services;
  return { ...callerIn(), production: config.production, file: await permissions() };
}

/** Reads the cursor that a list's next-page link carries. */
export function pageAfter({ ctx }: PageRequest): { readonly after?: string } {
  const after = ctx.query['after'];
  return after ? { after: parseRunId(String(after)) } : {};
}

export async function actorOf(request: PageRequest): Promise<Actor & { readonly way: 'ui' }> {
  const requestId = request.ctx.state['requestId'] as string;
  return { rights: await rightsOf(request), way: 'ui', requestId };
}

/**
 * Resolves to the fields of a form of ours. Rejects with `origin_refused` against CSRF: the Origin must be ours, and the form
 * must repeat the token of the form cookie.
 */
export async function formOf<Name extends string>(
  { ctx }: PageRequest,
  names: readonly Name[],
): Promise<Readonly<Partial<Record<Name, string>>>> {
  if (!isFromOurPage(ctx)) throw new SkillosError('origin_refused', 'Expected a form of this site');
  const { form_token: sent = '', ...fields } = await readForm(ctx.req, ['form_token', ...names]);
  const expected = ctx.cookies.get(FORM_COOKIE);
  if (expected === undefined || !isSameSecret(sent, expected)) {
    throw new SkillosError(
      'origin_refused',
      'The form has expired, or is not of this site; load the page again and send it once more',
    );
  }
  return fields as Readonly<Partial<Record<Name, string>>>; // readForm returns only these names and form_token
}

/** Origins that may call the API (CORS) may not send forms either. */
function isFromOurPage(ctx: Context): boolean {
  const origin = ctx.get('Origin').toLowerCase();
  if (origin === '') return ctx.get('Sec-Fetch-Site') === 'same-origin';
  const host = ctx.get('Host').toLowerCase();
  return origin === `http://${host}` || origin === `https://${host}`;
}
