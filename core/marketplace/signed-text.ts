/** The text of a package that its signature covers. */
import canonicalize from 'canonicalize';
import type { JsonObject } from '../json.ts';

/**
 * Canonical JSON by RFC 8785 of all fields but the signature; undefined for text that is not well-formed Unicode, which
 * has no canonical form. Not `canonicalJson`, which sorts names made of digits as numbers.
 */
export function signedText(document: JsonObject): string | undefined {
  const fields = Object.entries(document).filter(([name]) => name !== 'signature');
  return canonicalText(Object.fromEntries(fields));
}

export function canonicalText(value: JsonObject): string | undefined {
  try {
    return canonicalize(value);
  } catch {
    return undefined;
  }
}
