/** Strict base64 (RFC 4648 section 4): padded, without blanks, and one text for each value. */

const TEXT = /^[A-Za-z0-9+/]*={0,2}$/;

export function isBase64(text: string): boolean {
  if (text.length % 4 !== 0 || !TEXT.test(text)) return false;
  // The bits of the last digit that encode nothing must be zero.
  if (text.endsWith('==')) return 'AQgw'.includes(text.at(-3) as string);
  return !text.endsWith('=') || 'AEIMQUYcgkosw048'.includes(text.at(-2) as string);
}

/** The number of bytes that a valid text encodes. */
export function base64Bytes(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

/** Decodes a valid text. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
