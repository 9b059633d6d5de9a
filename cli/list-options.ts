/** Options that lists have in common. */
import { durationMs } from '../core/duration.ts';
import { SkillosError } from '../core/errors.ts';

export const MAX_LIMIT = 1000;

export function limitOf(text: string): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new SkillosError('usage', `Invalid --limit ${JSON.stringify(text)}: expected 1 to ${MAX_LIMIT}`);
}

/** ISO 8601; `now` is Unix milliseconds. */
export function sinceOf(text: string, now: number): string {
  const ago = durationMs(text);
  const time = ago === undefined ? Date.parse(text) : now - ago;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new SkillosError(
    'usage',
    `Invalid --since ${JSON.stringify(text)}: expected a duration such as 24h or an ISO date`,
  );
}
