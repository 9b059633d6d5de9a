/** The two cookies of the pages. No script can read them, and no other site makes a browser send them. */
import type { Context } from 'koa';

/** The token of who is signed in, as the API takes it in a header. */
export const SESSION_COOKIE = 'skillos_session';
/** What every form repeats. */
export const FORM_COOKIE = 'skillos_form';

/** Browsers drop cookies of more than 4096 bytes without a word. */
export const MAX_COOKIE_CHARS = 3800;

export function readCookie(ctx: Context, name: string): string | undefined {
  const pairs = ctx.get('Cookie').split(';');
  const found = pairs.map((pair) => pair.trim()).find((pair) => pair.startsWith(`${name}=`));
  return found?.slice(name.length + 1) || undefined;
}

/** For the browser's session; an empty value takes it away. `secure`: over TLS alone. */
export function setCookie(
  ctx: Context,
  name: string,
  { value, secure }: { readonly value: string; readonly secure: boolean },
): void {
  const attributes = [
    'Path=/ui',
    'HttpOnly',
    'SameSite=Strict',
    ...(secure ? ['Secure'] : []),
    ...(value === '' ? ['Max-Age=0'] : []),
  ];
  ctx.append('Set-Cookie', [`${name}=${value}`, ...attributes].join('; '));
}
