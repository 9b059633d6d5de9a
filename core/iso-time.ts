/** Times as texts. Zod-free. */

/** Unix milliseconds as ISO 8601 in UTC. */
export function isoTime(ms: number): string {
  // oxlint-disable-next-line eslint/no-restricted-globals -- writes a time that was passed in, reads no clock
  return new Date(ms).toISOString();
}

/** ISO 8601 as Unix milliseconds. */
export function msOf(time: string): number {
  // oxlint-disable-next-line eslint/no-restricted-globals -- reads a time that was passed in, and no clock
  return Date.parse(time);
}
