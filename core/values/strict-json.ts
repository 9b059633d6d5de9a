/** Strict JSON: refuses repeated names, numbers that would change, and deep nesting, which JSON.parse all accepts. */
import { SkillosError } from '../errors/errors.ts';
import type { JsonValue } from '../json.ts';
import { endOfString, findLoss, findPart } from './json-scan.ts';
import type { JsonLoss } from './json-scan.ts';

export const MAX_JSON_DEPTH = 32;

const MAX_PLACE_CHARS = 200;

const LOSSES = {
  name: 'repeats a name in an object',
  range: 'holds a number that is too large',
  digits: 'holds a number with more digits than a double keeps',
} as const satisfies Record<JsonLoss['kind'], string>;

const LOSS_HINTS = {
  name: 'Give each name once',
  range: 'Send the number as a string',
  digits: 'Send the number as a string, such as "7615917337495251231"',
} as const satisfies Record<JsonLoss['kind'], string>;

const tooDeep = (levels: number): JsonFault => ({
  why: `is nested deeper than ${levels} levels`,
  hint: 'Send the inner part as a string, or flatten it',
});

/** Parses a request body. Throws `body_invalid`; its message names the place and contains no value of the text. */
export function parseStrictJson(text: string): JsonValue {
  if (text.startsWith('\uFEFF'))
    throw invalid('begins with a byte order mark', 'Send UTF-8 without the bytes EF BB BF');
  if (isDeeper(text, MAX_JSON_DEPTH)) throw refused(tooDeep(MAX_JSON_DEPTH)); // before parsing, so that the parser does not recurse deeply
  const value = parse(text);
  const loss = findLoss(text);
  if (loss !== undefined) throw refused(lossFault(loss));
  return value;
}

/** Why a text in JSON is refused. */
export interface JsonFault {
  /** A predicate, such as `holds a number that is too large at "/amount"`. */
  readonly why: string;
  readonly hint: string;
}

/** Returns why a valid JSON text is refused that may have so many levels, or undefined. */
export function faultIn(text: string, levels: number): JsonFault | undefined {
  if (isDeeper(text, levels)) return tooDeep(levels);
  const loss = findLoss(text);
  return loss && lossFault(loss);
}

function lossFault({ kind, place }: JsonLoss): JsonFault {
  const where = place === '' ? '' : ` at ${JSON.stringify(place.slice(0, MAX_PLACE_CHARS))}`;
  return { why: `${LOSSES[kind]}${where}`, hint: LOSS_HINTS[kind] };
}

/** Returns the first name in a valid JSON text for which `matches` is true. `siblings` are earlier names of its object. */
export function findName(
  text: string,
  matches: (name: string, siblings: ReadonlySet<string>) => boolean,
): string | undefined {
  const found = findPart(text, (part) => part.kind === 'name' && matches(part.name, part.siblings));
  return found?.part.kind === 'name' ? found.part.name : undefined;
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw invalid('is not valid JSON');
  }
}

function isDeeper(text: string, levels: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at);
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    if (depth > levels) return true;
  }
  return false;
}

function refused({ why, hint }: JsonFault): SkillosError {
  return invalid(why, hint);
}

function invalid(why: string, hint?: string): SkillosError {
  return new SkillosError('body_invalid', `The body ${why}`, hint === undefined ? {} : { hint });
}
