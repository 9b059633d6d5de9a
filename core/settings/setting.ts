/** The type of a setting, and the schemas of its values. */
import * as z from 'zod';
import { DURATION_RULE, durationMs } from '../values/duration.ts';

export interface Setting<Value> {
  readonly variable: string;
  /** A second variable, read if the first is unset. */
  readonly alias?: string;
  readonly schema: z.ZodType<Value, string>;
  /** The default, as written in the environment. */
  readonly fallback?: string;
  readonly expected: string;
  readonly meaning: string;
  readonly secret?: true;
  /** Used by the worker: a local worker with another value is drained and replaced. */
  readonly inWorker?: true;
  /** A local worker that has it keeps it, so that no later command can remove the protection that it gives. */
  readonly guards?: true;
  /** May be set in `settings.env` of a root: a limit, a cost and the like. A text is the only value that it may have there. */
  readonly perRoot?: true | string;
  /** A credential of the caller, which is not passed to other processes. */
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
