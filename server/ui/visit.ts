/** One request for a page: who comes, and what its answer may use. */
import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import type { Actor } from '../../client/actor.ts';
import { isSameSecret } from '../../core/digest.ts';
import { SkillosError, isSkillosError } from '../../core/errors.ts';
import type { Rights } from '../../core/permission-policy.ts';
import { addressKey, principalKey } from '../../core/rate-limit.ts';
import { parseRunId } from '../../core/run-id.ts';
import type { CallerIn } from '../identity.ts';
import { limit } from '../mount.ts';
import type { Services } from '../services.ts';
import { FORM_COOKIE, SESSION_COOKIE, readCookie, setCookie } from './cookies.ts';
import { readForm } from './form-body.ts';
import type { Frame } from './page.ts';

/** Codes of what another token may mend. */
const REFUSALS = ['token_missing', 'token_invalid', 'tenant_mismatch'] as const;

export interface Visit {
  readonly ctx: Context;
  readonly services: Services;
  /** Who is signed in; without keys for tokens, the person at this machine. */
  readonly caller: CallerIn | undefined;
  readonly frame: Frame;
}

export async function openVisit(ctx: Context, services: Services): Promise<Visit> {
  // Where nobody signs in, a cookie is of another server at this address.
  const token = services.identities.anonymous ? undefined : readCookie(ctx, SESSION_COOKIE);
  const caller = await admit(ctx, services, token);
  const frame: Frame = {
    nonce: newNonce(),
    hasSession: token !== undefined,
    formToken: formTokenOf(ctx, services),
    ...(caller === undefined ? {} : { subject: caller().principal.subject }),
  };
  return { ctx, services, caller, frame };
}

/** Nobody can guess it, so no markup that slipped in can name it. */
export function newNonce(): string {
  return randomBytes(16).toString('base64');
}

/** `undefined` for whoever has to sign in first. A token that is no longer accepted is as none. */
async function admit(
  ctx: Context,
  services: Services,
  token: string | undefined,
): Promise<CallerIn | undefined> {
  const address = addressKey(ctx.req.socket.remoteAddress ?? '');
  try {
    const caller = await services.identities.identify(token === undefined ? undefined : `Bearer ${token}`);
    await limit(ctx, services, token === undefined ? address : principalKey(caller()));
    return caller;
  } catch (error) {
    if (!REFUSALS.some((code) => isSkillosError(error, code))) throw error;
    await limit(ctx, services, address);
    return undefined;
  }
}

function formTokenOf(ctx: Context, { config }: Services): string {
  const known = readCookie(ctx, FORM_COOKIE);
  if (known !== undefined) return known;
  const value = randomBytes(32).toString('base64url');
  setCookie(ctx, FORM_COOKIE, { value, secure: config.production });
  return value;
}

export async function rightsOf({ caller, services }: Visit): Promise<Rights> {
  if (caller === undefined) throw new SkillosError('token_missing', 'Expected somebody who is signed in');
  const { config, permissions } = services;
  return { ...caller(), production: config.production, file: await permissions() };
}

/** Where a list goes on, as the link to its next page says. */
export function pageAfter({ ctx }: Visit): { readonly after?: string } {
  const after = ctx.query['after'];
  return after ? { after: parseRunId(String(after)) } : {};
}

export async function actorOf(visit: Visit): Promise<Actor & { readonly way: 'ui' }> {
  const requestId = visit.ctx.state['requestId'] as string;
  return { rights: await rightsOf(visit), way: 'ui', requestId };
}

/**
 * The fields of a form that one of our pages sent. Rejects with `origin_refused` where another site may have made the
 * browser send it: the origin must be ours, and the form must repeat the cookie.
 */
export async function formOf<Name extends string>(
  { ctx }: Visit,
  names: readonly Name[],
): Promise<Readonly<Partial<Record<Name, string>>>> {
  if (!isFromOurPage(ctx)) throw new SkillosError('origin_refused', 'Expected a form of this site');
  const { form_token: sent = '', ...fields } = await readForm(ctx.req, ['form_token', ...names]);
  const expected = readCookie(ctx, FORM_COOKIE);
  if (expected === undefined || !isSameSecret(sent, expected)) {
    throw new SkillosError('origin_refused', 'The form is too old, or not of this site: load the page again');
  }
  return fields as Readonly<Partial<Record<Name, string>>>; // `form_token` aside, only those were asked for
}

/** Not of a site that may call the API either: it may read what its users are shown there, and nothing here. */
function isFromOurPage(ctx: Context): boolean {
  const origin = ctx.get('Origin').toLowerCase();
  if (origin === '') return ctx.get('Sec-Fetch-Site') === 'same-origin';
  const host = ctx.get('Host').toLowerCase();
  return origin === `http://${host}` || origin === `https://${host}`;
}
