/** Patterns for a secret in the forms in which programs write it: plain, escaped for URLs or JSON, and in base64. */

/**
 * Maximum of backslashes and of encodings of `%` before an escaped character. JSON inside JSON doubles backslashes, so this
 * covers three levels; a limit keeps the search linear.
 */
const MAX_ESCAPES = 8;

/** Alternatives of a regular expression with the flag `u`, the plain form first. */
export function secretPatterns(secret: string): readonly string[] {
  const lines = secret.split(/\r?\n/).filter((line) => line !== secret && line.length >= MIN_LINE);
  const texts = [secret, ...lines];
  return [...texts.map(escapedPattern), ...texts.flatMap(base64Patterns)];
}

/** Output is logged by lines, so each line of a secret with several lines is masked alone; shorter ones tell little. */
const MIN_LINE = 8;

function escapedPattern(text: string): string {
  return text.replace(/\\+|[^A-Za-z0-9]/gsu, (characters) =>
    characters.startsWith('\\') ? backslashes(characters.length) : escaped(characters),
  );
}

/** A run of backslashes is one pattern: several with a variable length would make the search slow. */
function backslashes(count: number): string {
  return String.raw`(?:\\{${count},${count * MAX_ESCAPES}}|(?:%(?:25){0,${MAX_ESCAPES}}5[cC]){${count}})`;
}

function escaped(character: string): string {
  const forms = [String.raw`\\{0,${MAX_ESCAPES}}${literal(character)}`, percentForm(character)];
  const named = NAMED_ESCAPES[character];
  if (named !== undefined) forms.push(String.raw`\\{1,${MAX_ESCAPES}}${named}`);
  if (character === ' ') forms.push(String.raw`\+`); // in a form's body
  return `(?:${[...forms, unicodeForm(character)].join('|')})`;
}

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  '\b': 'b',
  '\f': 'f',
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
};

/** `%2F` for each byte of UTF-8, with digits of either case; encoded again, `%252F`. */
function percentForm(character: string): string {
  const bytes = [...new TextEncoder().encode(character)].map((byte) => anyCase(hex(byte, 2)));
  return bytes.map((byte) => `%(?:25){0,${MAX_ESCAPES}}${byte}`).join('');
}

/** `\u00e9` for each unit of UTF-16, as encoders write JSON that is pure ASCII. */
function unicodeForm(character: string): string {
  const units = character.split('').map((unit) => anyCase(hex(unit.charCodeAt(0), 4)));
  return units.map((unit) => String.raw`\\{1,${MAX_ESCAPES}}u${unit}`).join('');
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0');
}

function anyCase(digits: string): string {
  return digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

export function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

/**
 * Inside a longer text, base64 depends on where the secret begins: three bytes become four characters. The characters that
 * depend on the secret alone are the same for every text around it.
 */
function base64Patterns(secret: string): readonly string[] {
  const bytes = new TextEncoder().encode(secret);
  return [0, 1, 2].map((before) => {
    const padded = new Uint8Array(before + bytes.length);
    padded.set(bytes, before);
    const encoded = btoa(String.fromCharCode(...padded));
    const own = encoded.slice(Math.ceil((before * 8) / 6), Math.floor((padded.length * 8) / 6));
    return own.replace(/[+/]/g, (character) => (character === '+' ? PLUS : SLASH));
  });
}

/** Both alphabets of RFC 4648, and their escapes in URLs and JSON. */
const PLUS = '(?:[+-]|%2[bB])';
const SLASH = String.raw`(?:\\{0,${MAX_ESCAPES}}/|_|%2[fF])`;
