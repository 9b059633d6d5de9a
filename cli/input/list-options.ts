/** Options that all lists share. */
import { SINCE_RULE, sinceTime } from '../../client/runs/since.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { RUN_STATUSES } from '../../core/runs/run.ts';
import type { RunStatus } from '../../core/runs/run.ts';

export const MAX_LIMIT = 1000;

export function limitOf(text: string): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new SkillosError('usage', `Invalid --limit ${JSON.stringify(text)}: expected 1 to ${MAX_LIMIT}`);
}

/** ISO 8601; `now` is Unix milliseconds. */
export function sinceOf(text: string, now: number): string {
  const time = sinceTime(text, now);
  if (time !== undefined) return time;
  throw new SkillosError('usage', `Invalid --since ${JSON.stringify(text)}: expected ${SINCE_RULE}`);
}

export function statusOf(text: string): RunStatus {
  const status = RUN_STATUSES.find((known) => known === text);
  if (status !== undefined) return status;
  throw new SkillosError(
    'usage',
    `Unknown --status ${JSON.stringify(text)}: expected ${RUN_STATUSES.join(', ')}`,
  );
}
