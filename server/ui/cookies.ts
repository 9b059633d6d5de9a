/** The two cookies of the pages: HttpOnly, so scripts cannot read them, and SameSite=Strict, so no other site sends them. */
import type { Context } from 'koa';

/** Holds the bearer token of the signed-in caller. */
export const SESSION_COOKIE = 'skillos_session';
/** Holds the anti-forgery token that every form repeats in a hidden field. */
export const FORM_COOKIE = 'skillos_form';

/** Browsers silently drop cookies of more than 4096 bytes, name and attributes included. */
export const MAX_COOKIE_CHARS = 3800;

/**
 * Sets a cookie for the browser's session; an empty value removes it. With `secure` the browser sends it over TLS only;
 * a proxy in front of this server ends TLS, so the connection here need not be encrypted.
 */
export function setCookie(
  ctx: Context,
  name: string,
  { value, secure }: { readonly value: string; readonly secure: boolean },
): void {
  ctx.cookies.secure = secure;
  ctx.cookies.set(name, value, { path: '/ui', httpOnly: true, sameSite: 'strict', secure });
}
