/** Where a call goes: below the base_url of its connector, whatever its path says. */
import { SkillosError } from '../../errors/errors.ts';

/** Values by name; a list stands for a name that is repeated. */
export type HttpQuery = Readonly<Record<string, string | number | boolean | readonly string[]>>;

const CONTROL_OR_FRAGMENT = /[\p{Cc}\\#]/u;
const ABSOLUTE = /^(\/\/|[a-z][a-z0-9+.-]*:\/\/)/i;
/** `.`, `/`, `;` and `\`, encoded once or several times. */
const ENCODED = /%(?:25)*(2e|2f|3b|5c)/gi;
/** Servers drop what follows a semicolon before they resolve the segment. */
const DOTS = /^\.\.?(;.*)?$/;

/**
 * `path` may hold a query, to which `query` is added. Throws `path_refused` for a path that some server could read as
 * one above the base.
 */
export function urlBelow(baseUrl: string, path: string, query: HttpQuery): URL {
  const route = path.replace(/\?[^]*$/, '');
  const relative = path.replace(/^\//, '');
  if (CONTROL_OR_FRAGMENT.test(path)) throw refused(route, 'without backslashes, # and control characters');
  if (ABSOLUTE.test(path)) throw refused(route, 'below base_url, not the address of a server');
  if (hasDots(route)) throw refused(route, 'without the segments . and ..');
  const isBase = path === '' || path.startsWith('?');
  const url = new URL(isBase ? `${baseUrl}${path}` : `${baseUrl}/${relative}`);
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(each));
  }
  return url;
}

function hasDots(route: string): boolean {
  const plain = route.replace(ENCODED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return plain.split(/[/\\]/).some((segment) => DOTS.test(segment));
}

/** The query is left out of the message, and a long path, since masking finds no part of a secret at a cut. */
function refused(route: string, expected: string): SkillosError {
  const shown = route.length > 200 ? '' : ` ${JSON.stringify(route)}`;
  return new SkillosError('path_refused', `Invalid path${shown}: expected a path ${expected}`);
}
