/** Content types of attachments, and what the first bytes of a file prove about them. */

/** Types that their first bytes identify. */
const BINARY = ['application/pdf', 'image/jpeg', 'image/png', 'image/gif', 'image/webp'] as const;
/** Types of text, which has no such bytes. */
const TEXTUAL = ['application/json', 'text/plain', 'text/csv', 'text/markdown', 'text/html'] as const;

export const CONTENT_TYPES: readonly string[] = [...TEXTUAL, ...BINARY];

/**
 * `found` is the type by the first bytes; undefined if they are those of no known type. Some types begin with letters that a
 * text may begin with too, such as "BM" of a bitmap: under a type of text these count only if the rest is no text.
 */
export function isTypeProven(declared: string, found: string | undefined, bytes: Uint8Array): boolean {
  if (isBinary(declared)) return found === declared;
  return found === undefined || (!isBinary(found) && isText(bytes));
}

function isBinary(type: string): boolean {
  return BINARY.some((each) => each === type);
}

/** UTF-8 without control characters other than blanks and line ends. */
function isText(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return !/[^\P{Cc}\t\n\v\f\r]/u.test(text);
  } catch {
    return false; // not UTF-8
  }
}
