/** Handlers of sign-in with a token and of sign-out. */
import { isSkillosError } from '../../core/errors/errors.ts';
import { FORM_COOKIE, MAX_COOKIE_CHARS, SESSION_COOKIE, setCookie } from './cookies.ts';
import { html } from './html.ts';
import { formTokenField } from './page.ts';
import type { Page } from './page.ts';
import { HOME, redirect } from './reply.ts';
import type { PageReply } from './reply.ts';
import { formOf } from './page-request.ts';
import type { PageRequest } from './page-request.ts';

export function signInPage({ ctx, frame }: PageRequest, problem?: string): PageReply {
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
        The same token as for --jwt on the command line. A cookie keeps it until the browser is closed.
      </p>`,
  };
  return { status: problem === undefined ? 200 : 401, page };
}

export async function signIn(request: PageRequest): Promise<PageReply> {
  const { ctx, services } = request;
  const { token: given = '', next = '' } = await formOf(request, ['token', 'next']);
  const token = given.trim();
  if (token.length > MAX_COOKIE_CHARS) {
    return signInPage(
      request,
      `The token is too long for a cookie: expected at most ${MAX_COOKIE_CHARS} characters`,
    );
  }
  try {
    const { callerIn } = await services.identities.identify(`Bearer ${token}`);
    callerIn(); // throws if the claims are not valid
  } catch (error) {
    if (isSkillosError(error)) return signInPage(request, error.message);
    throw error;
  }
  const secure = services.config.production;
  setCookie(ctx, SESSION_COOKIE, { value: token, secure });
  return redirect(ownPath(next));
}

export async function signOut(request: PageRequest): Promise<PageReply> {
  const { ctx, services } = request;
  await formOf(request, []);
  const secure = services.config.production;
  for (const name of [SESSION_COOKIE, FORM_COOKIE]) setCookie(ctx, name, { value: '', secure });
  return redirect('/ui/login');
}

/** Returns the path if it is a page of ours, otherwise the start page, so that no link can redirect elsewhere. */
function ownPath(path: string): string {
  return /^\/ui\/(approvals|runs(\/[A-Za-z0-9][A-Za-z0-9_.-]*)?)$/.test(path) ? path : HOME;
}
