/** Names of attachments: accepted as the sender gives them only if every system could hold them. */

export const FILE_NAME_RULE =
  'a file name of 1 to 200 characters without folders, control or direction characters, and no device such as CON';

const MAX_CHARS = 200;
/** Cut so that the name after its UUID fits into 255 bytes, the limit of common file systems. */
const MAX_SAFE_BYTES = 200;

const FORBIDDEN = /[/\\:*?"<>|\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
/** Names that Windows gives to devices, with any extension. */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

export function isFileName(text: string): boolean {
  const length = Array.from(text).length;
  if (length === 0 || length > MAX_CHARS || FORBIDDEN.test(text)) return false;
  return !/^[\s.]|[\s.]$/u.test(text) && !DEVICE.test(text);
}

/** Returns the name with letters, digits, `.`, `_` and `-` alone; a long one keeps its end. */
export function safeName(name: string): string {
  const safe = Array.from(name.normalize('NFC').replaceAll(/[^\p{L}\p{N}._-]/gu, '_'));
  while (new TextEncoder().encode(safe.join('')).length > MAX_SAFE_BYTES) safe.shift();
  return safe.join('');
}
