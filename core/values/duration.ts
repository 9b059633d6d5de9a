/** Durations as text: `200ms`, `2s`, `10m`, `1h`, `7d`; a bare number is in seconds. */
import { SkillosError } from '../errors/errors.ts';

const UNITS_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)?$/;

export const DURATION_RULE = 'a duration such as 200ms, 2s, 10m, 1h or 7d (a bare number is seconds)';

/** Returns milliseconds, or undefined if the text is not a duration. */
export function durationMs(text: string | number): number | undefined {
  const match = DURATION.exec(String(text).trim());
  if (!match) return undefined;
  const unit = (match[2] ?? 's') as keyof typeof UNITS_MS;
  return Math.round(Number(match[1]) * UNITS_MS[unit]);
}

/** Returns milliseconds. Throws `usage` with the option if the text is not a duration. */
export function parseDuration(text: string, option: string): number {
  const ms = durationMs(text);
  if (ms === undefined) {
    throw new SkillosError('usage', `Invalid ${option} ${JSON.stringify(text)}: expected ${DURATION_RULE}`);
  }
  return ms;
}

/** Formats milliseconds as the largest unit that fits: `45s`, `12m`, `3h`, `6d`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

/** Formats milliseconds for people: `850ms`, `1.2s`, `3m 5s`, `2h 3m`. */
export function formatDuration(ms: number): string {
  if (Math.round(ms) < 1000) return `${Math.round(ms)}ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}
