/** The time from which on a list is asked for. */
import { durationMs } from '../core/duration.ts';

export const SINCE_RULE = 'a duration such as 24h or an ISO date';

/** ISO 8601; `undefined` where the text is neither a duration before `now` nor a date. */
export function sinceTime(text: string, now: number): string | undefined {
  const ago = durationMs(text);
  const time = new Date(ago === undefined ? Date.parse(text) : now - ago);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
