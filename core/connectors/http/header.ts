/** Headers that a definition or a call may set. */
import * as z from 'zod';

const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
/** Headers that describe the message or the connection, which the client sets. */
const OWN_HEADERS =
  /^(host|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|keep-alive|proxy-.*)$/i;
const NAME_RULE = 'expected the name of a header, other than those of the connection';

export const headerName = z.string().refine(isFreeHeader, NAME_RULE);
export const headerValue = z.string().refine(isHeaderValue, 'expected text without control characters');

/** Headers by name. */
export function headersWith<Value extends z.ZodType<string>>(value: Value) {
  return z.record(z.string(), value).superRefine((given, ctx) => {
    for (const name of Object.keys(given)) {
      if (!isFreeHeader(name)) ctx.addIssue({ code: 'custom', path: [name], message: NAME_RULE });
    }
  });
}

function isFreeHeader(name: string): boolean {
  return TOKEN.test(name) && !OWN_HEADERS.test(name);
}

/** True for a value without line breaks and other control characters, which would end the header. */
export function isHeaderValue(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}
