/** The times of a schedule: one time, an interval, or cron expressions. */
import { SkillosError } from '../errors/errors.ts';
import { durationMs, DURATION_RULE } from '../values/duration.ts';
import { parseCron } from './cron.ts';
import type { Cron } from './cron.ts';

/** As stored. Times are ISO 8601 in UTC, in whole seconds. */
export type Timing =
  | { readonly kind: 'at'; readonly at: string }
  | { readonly kind: 'every'; readonly seconds: number }
  | { readonly kind: 'cron'; readonly expressions: readonly string[] };

/** Exactly one of the three, as the caller wrote it. */
export interface TimingRequest {
  readonly runAt?: string | undefined;
  readonly every?: string | undefined;
  readonly cron?: readonly string[] | undefined;
}

const MAX_EXPRESSIONS = 20;
const MAX_INTERVAL_MS = 366 * 86_400_000;

/** Returns seconds; Temporal fires at most once per second, on whole seconds. */
export function parseInterval(text: string): number {
  const ms = durationMs(text);
  const isWhole = ms !== undefined && ms >= 1000 && ms <= MAX_INTERVAL_MS && ms % 1000 === 0;
  if (isWhole) return ms / 1000;
  const rule = ms === undefined ? DURATION_RULE : 'whole seconds between 1s and 366d';
  throw new SkillosError('invalid_schedule', `Invalid --every ${JSON.stringify(text)}: expected ${rule}`);
}

/** Throws `invalid_schedule` unless there are 1 to 20 valid expressions. */
export function parseExpressions(expressions: readonly string[]): readonly Cron[] {
  if (expressions.length >= 1 && expressions.length <= MAX_EXPRESSIONS) return expressions.map(parseCron);
  throw new SkillosError(
    'invalid_schedule',
    `Invalid number of cron expressions: expected 1 to ${MAX_EXPRESSIONS}, got ${expressions.length}`,
  );
}

/** Returns the kind of the request. Throws `invalid_schedule` for none or several. */
export function kindOf({ runAt, every, cron = [] }: TimingRequest): Timing['kind'] {
  const given = [
    ...(runAt === undefined ? [] : ['at' as const]),
    ...(every === undefined ? [] : ['every' as const]),
    ...(cron.length === 0 ? [] : ['cron' as const]),
  ];
  const [kind, second] = given;
  if (kind !== undefined && second === undefined) return kind;
  throw new SkillosError(
    'invalid_schedule',
    `Invalid schedule: expected exactly one of --run-at, --cron and --every, got ${given.length}`,
  );
}
