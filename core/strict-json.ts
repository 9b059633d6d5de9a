/** JSON from outside, without what readers understand differently: a name given twice, and nesting without end. */
import { SkillosError } from './errors.ts';
import type { JsonValue } from './json.ts';

export const MAX_JSON_DEPTH = 32;

/** Throws `body_invalid`, with nothing of the text in its message. */
export function parseStrictJson(text: string): JsonValue {
  checkDepth(text); // before parsing, so that no parser is led into the depth
  const value = parse(text);
  checkNames(text);
  return value;
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw invalid('is not JSON');
  }
}

function checkDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at);
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    if (depth > MAX_JSON_DEPTH) throw invalid(`is nested deeper than ${MAX_JSON_DEPTH} levels`);
  }
}

/** In text that is JSON, a string is a name where a colon follows it. */
function checkNames(text: string): void {
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '{' || char === '[') open.push(new Set());
    else if (char === '}' || char === ']') open.pop();
    if (char !== '"') continue;
    const end = endOfString(text, at);
    if (isColonAfter(text, end)) addName(open.at(-1) as Set<string>, text.slice(at, end + 1));
    at = end;
  }
}

/** `\u0061` names the same as `a`. */
function addName(names: Set<string>, literal: string): void {
  const name = JSON.parse(literal) as string;
  if (names.has(name)) throw invalid('names a field twice');
  names.add(name);
}

function isColonAfter(text: string, at: number): boolean {
  let next = at + 1;
  while (' \t\n\r'.includes(text[next] ?? '.')) next += 1;
  return text[next] === ':';
}

/** Position of the closing quote, or of the end where there is none. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function invalid(why: string): SkillosError {
  return new SkillosError('body_invalid', `The body ${why}`);
}
