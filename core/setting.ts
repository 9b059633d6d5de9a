/** What a setting is, and the kinds of values that settings have. */
import * as z from 'zod';
import { DURATION_RULE, durationMs } from './duration.ts';

export interface Setting<Value> {
  readonly variable: string;
  /** A second name, read where the first is unset. */
  readonly alias?: string;
  readonly schema: z.ZodType<Value, string>;
  /** As it would be written in the environment; absent where there is none. */
  readonly fallback?: string;
  readonly expected: string;
  readonly meaning: string;
  readonly secret?: true;
  /** Counts in the worker: a local worker that runs with another value is drained and replaced. */
  readonly inWorker?: true;
  /** Once a local worker has it, no command changes it or takes it away: that would open what it guards. */
  readonly guards?: true;
  /** Belongs to the caller alone: no other process is ever given it. */
  readonly personal?: true;
}

export function setting<Entry extends Setting<unknown>>(entry: Entry): Entry {
  return entry;
}

export const text = z.string().min(1);

export const FLAG = '1, true, yes or on; 0, false, no or off';
export const flag = z
  .string()
  .transform((given) => given.trim().toLowerCase())
  .pipe(z.enum(['1', 'true', 'yes', 'on', '0', 'false', 'no', 'off']))
  .transform((given) => ['1', 'true', 'yes', 'on'].includes(given));

export const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max));

export const duration = z.string().transform((given, ctx) => {
  const ms = durationMs(given);
  if (ms !== undefined) return ms;
  ctx.addIssue({ code: 'custom', message: DURATION_RULE });
  return z.NEVER;
});

export const fraction = z
  .string()
  .regex(/^\d(\.\d{1,6})?$/)
  .transform(Number)
  .pipe(z.number().min(0).max(1));
