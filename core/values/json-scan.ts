/**
 * Walks the text of valid JSON and finds what a parsed value no longer shows. Ours, because JSON.parse keeps the last of
 * repeated names (RFC 8259 section 4 leaves their meaning open) and rounds numbers to doubles, and has options against
 * neither before Node 22.
 */
import { isKept } from './number-text.ts';

/** Something in a JSON text that its parsed value does not hold. `place` is the JSON pointer of the repeated name or number. */
export interface JsonLoss {
  readonly kind: 'name' | 'range' | 'digits';
  readonly place: string;
}

export type JsonPart =
  | {
      readonly kind: 'name';
      readonly name: string;
      /** Earlier names of the same object. */
      readonly siblings: ReadonlySet<string>;
    }
  | { readonly kind: 'number'; readonly text: string };

export interface FoundPart {
  readonly part: JsonPart;
  /** JSON pointer (RFC 6901) of the number, or of the value that belongs to the name. */
  readonly place: string;
}

/** An array or object that is not closed yet. `at` is the index or name of its present member. */
interface Open {
  readonly names: Set<string>;
  at: number | string;
}

/** Returns the first repeated name, and the first number that would change, whichever comes first, or undefined. */
export function findLoss(text: string): JsonLoss | undefined {
  const found = findPart(text, (part) =>
    part.kind === 'name' ? part.siblings.has(part.name) : !isKept(part.text),
  );
  if (found === undefined) return undefined;
  const { part, place } = found;
  if (part.kind === 'name') return { kind: 'name', place };
  return { kind: Number.isFinite(Number(part.text)) ? 'digits' : 'range', place };
}

/** Returns the first name or number in a valid JSON text for which `matches` is true. Names are decoded: `\u0061` equals `a`. */
export function findPart(text: string, matches: (part: JsonPart) => boolean): FoundPart | undefined {
  const open: Open[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    if (char === '[' || char === '{') open.push({ names: new Set(), at: char === '[' ? 0 : '' });
    else if (char === ']' || char === '}') open.pop();
    else if (char === ',') nextMember(open);
    else if (char === '"') {
      const end = endOfString(text, at);
      const found = isColonAfter(text, end) && matchName(text.slice(at, end + 1), open, matches);
      if (found) return found;
      at = end;
    } else if (char === '-' || isDigit(char)) {
      const end = endOfNumber(text, at);
      const part = { kind: 'number', text: text.slice(at, end) } as const;
      if (matches(part)) return { part, place: placeIn(open) };
      at = end - 1;
    }
  }
  return undefined;
}

function nextMember(open: readonly Open[]): void {
  const last = open.at(-1) as Open; // a comma is always inside an array or object
  if (typeof last.at === 'number') last.at += 1;
}

function matchName(
  quoted: string,
  open: readonly Open[],
  matches: (part: JsonPart) => boolean,
): FoundPart | undefined {
  const name = JSON.parse(quoted) as string;
  const object = open.at(-1) as Open; // a name is always inside an object
  object.at = name;
  const part = { kind: 'name', name, siblings: object.names } as const;
  if (matches(part)) return { part, place: placeIn(open) };
  object.names.add(name);
  return undefined;
}

function placeIn(open: readonly Open[]): string {
  return open.map(({ at }) => `/${String(at).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** In valid JSON a string is a name if a colon follows it. */
function isColonAfter(text: string, at: number): boolean {
  let next = at + 1;
  while (' \t\n\r'.includes(text[next] ?? '.')) next += 1;
  return text[next] === ':';
}

/** Returns the index of the closing quote, or the length of the text if there is none. */
export function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && isNumberPart(text[at] as string)) at += 1;
  return at;
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9';
}

function isNumberPart(char: string): boolean {
  return isDigit(char) || char === '.' || char === 'e' || char === 'E' || char === '+' || char === '-';
}
