/** Conversion between Unix milliseconds and ISO 8601. Without zod. */

/** Converts Unix milliseconds to ISO 8601 in UTC. */
export function isoTime(ms: number): string {
  // oxlint-disable-next-line eslint/no-restricted-globals -- writes a time that was passed in, reads no clock
  return new Date(ms).toISOString();
}

/** Converts ISO 8601 to Unix milliseconds. */
export function msOf(time: string): number {
  // oxlint-disable-next-line eslint/no-restricted-globals -- reads a time that was passed in, and no clock
  return Date.parse(time);
}
