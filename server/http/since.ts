/** The field `since` of lists. */
import { SINCE_RULE, sinceTime } from '../../client/runs/since.ts';
import { SkillosError } from '../../core/errors/errors.ts';

/** ISO 8601. Throws `query_invalid`. `now` is Unix milliseconds. */
export function sinceIn(text: string, now: number): string {
  const time = sinceTime(text, now);
  if (time !== undefined) return time;
  throw new SkillosError('query_invalid', `Invalid field "since": expected ${SINCE_RULE}`);
}
