/** Start time of a list's period. */
import { durationMs } from '../../core/values/duration.ts';

export const SINCE_RULE = 'a duration such as 24h or an ISO date';

/** `Date.parse` alone reads other texts too: "-5" as a month. */
const ISO_DATE = /^\d{4}-\d\d-\d\d/;

/** Returns ISO 8601 in UTC, or undefined if the text is neither a duration (counted back from `now`) nor an ISO date. */
export function sinceTime(text: string, now: number): string | undefined {
  const ago = durationMs(text);
  if (ago === undefined && !ISO_DATE.test(text)) return undefined;
  const time = new Date(ago === undefined ? Date.parse(text) : now - ago);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
