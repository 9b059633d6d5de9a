/** Signing in with a token, and out. */
import { isSkillosError } from '../../core/errors.ts';
import { FORM_COOKIE, MAX_COOKIE_CHARS, SESSION_COOKIE, setCookie } from './cookies.ts';
import { html } from './html.ts';
import { formTokenField } from './page.ts';
import type { Page } from './page.ts';
import { HOME, redirect } from './reply.ts';
import type { PageReply } from './reply.ts';
import { formOf } from './visit.ts';
import type { Visit } from './visit.ts';

export function signInPage({ ctx, frame }: Visit, problem?: string): PageReply {
  const page: Page = {
    title: 'Sign in',
    body: html`<h1>Sign in</h1>
      ${problem !== undefined && html`<p class="notice" role="alert">${problem}</p>`}
      <form method="post" action="/ui/login">
        ${formTokenField(frame)}
        <input type="hidden" name="next" value="${ownPath(String(ctx.query['next'] ?? ''))}" />
        <label for="token">Token</label>
        <input id="token" name="token" type="password" autocomplete="current-password" required />
        <button>Sign in</button>
      </form>
      <p class="quiet">
        The same token that the command line takes with --jwt. It is kept in a cookie until the browser is
        closed.
      </p>`,
  };
  return { status: problem === undefined ? 200 : 401, page };
}

export async function signIn(visit: Visit): Promise<PageReply> {
  const { ctx, services } = visit;
  const { token: given = '', next = '' } = await formOf(visit, ['token', 'next']);
  const token = given.trim();
  if (token.length > MAX_COOKIE_CHARS) {
    return signInPage(
      visit,
      `The token is too long for a browser: expected at most ${MAX_COOKIE_CHARS} characters`,
    );
  }
  try {
    const caller = await services.identities.identify(`Bearer ${token}`);
    caller(); // its claims too must be in order
  } catch (error) {
    if (isSkillosError(error)) return signInPage(visit, error.message);
    throw error;
  }
  const secure = services.config.production;
  setCookie(ctx, SESSION_COOKIE, { value: token, secure });
  return redirect(ownPath(next));
}

export async function signOut(visit: Visit): Promise<PageReply> {
  const { ctx, services } = visit;
  await formOf(visit, []);
  const secure = services.config.production;
  for (const name of [SESSION_COOKIE, FORM_COOKIE]) setCookie(ctx, name, { value: '', secure });
  return redirect('/ui/login');
}

/** A page of ours; whatever else somebody put there leads home. */
function ownPath(path: string): string {
  return /^\/ui\/(approvals|runs(\/[A-Za-z0-9][A-Za-z0-9_.-]*)?)$/.test(path) ? path : HOME;
}
