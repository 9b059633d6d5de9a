/**
 * Escapes text for printing: a terminal executes control characters, and reorders text after bidirectional
 * controls.
 */
import type { JsonValue } from '../../core/json.ts';

/** Controls of Unicode (C0, DEL, C1), bidirectional controls, and the separators of lines and paragraphs. */
const CONTROLS = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu;

/** Escapes all of them; the result is one line. */
export function plain(text: string): string {
  return text.replace(CONTROLS, escaped);
}

/** Like `plain`, but line breaks become spaces. */
export function oneLine(text: string): string {
  return plain(text.replace(/\s+/g, ' ').trim());
}

/** Escapes all but tabs and line breaks. */
export function forTerminal(text: string): string {
  return text.replace(CONTROLS, (character) => ('\n\t'.includes(character) ? character : escaped(character)));
}

/** Returns an indented JSON document without such characters. */
export function jsonText(document: JsonValue): string {
  return forTerminal(JSON.stringify(document, null, 2)); // JSON escapes line breaks and tabs within texts by itself
}

/** Returns text unchanged, and other values as JSON. */
export function printable(result: JsonValue): string {
  return typeof result === 'string' ? result : JSON.stringify(result, null, 2);
}

/** Escapes a character as JSON does. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
