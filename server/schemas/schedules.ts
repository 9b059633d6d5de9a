/** Schemas of schedules and their previews. */
import * as z from 'zod';
import { OVERLAPS } from '../../core/schedules/overlap.ts';
import { json, role, runId, schemaName, skillId, time } from './parts.ts';

const text = z.string().min(1).max(200);
const instant = text.optional();

/** The fields that say when a schedule fires; exactly one of the first three. */
const timing = {
  run_at: instant.meta({
    description: 'Fire once, at this time: ISO 8601, read in the zone if it has no offset.',
    examples: ['2027-01-18T08:00:00+03:00'],
  }),
  cron: z.array(text).min(1).max(20).optional().meta({
    description: 'Cron expressions of five fields, or `@hourly` and the like.',
  }),
  every: instant.meta({ description: 'Fire at this interval, such as `10m`; at least `1s`.' }),
  timezone: text.optional().meta({ description: 'IANA time zone; default: `SKILLOS_TIMEZONE`, else UTC.' }),
};

export const scheduleRequest = z
  .strictObject({
    skill: skillId,
    ...timing,
    id: text.optional().meta({ description: 'Name of the schedule; default: made from the skill.' }),
    payload: json.optional().meta({ description: 'Input of the skill; default: `ok`.' }),
    start_at: instant.meta({ description: 'No firing before this time.' }),
    end_at: instant.meta({ description: 'No firing after this time.' }),
    times: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .meta({ description: 'End after this number of firings.' }),
    overlap: z.enum(OVERLAPS).optional().meta({
      description: 'Policy for a firing while a run is in flight; default: `skip`.',
    }),
    catchup: text
      .optional()
      .meta({ description: 'A missed firing runs later within this time; default: `1h`.' }),
    jitter: text.optional().meta({ description: 'Delay each firing by a random time of at most this.' }),
    pause_on_failure: z
      .boolean()
      .default(false)
      .meta({ description: 'Disable the schedule after a failed run.' }),
    max_retries: z.int().min(0).max(99).optional().meta({
      description: 'Number of retries of a failing step; overrides the manifest.',
    }),
    note: z.string().max(1000).optional(),
    enabled: z.boolean().default(true),
    dry_run: z.boolean().default(false).meta({ description: 'Check the request and store nothing.' }),
    role,
  })
  .meta({ id: 'ScheduleRequest' });

export type ScheduleFields = z.output<typeof scheduleRequest>;

const item = z.looseObject({
  id: z.string(),
  skill: z.string(),
  status: z.enum(['enabled', 'disabled', 'completed', 'failed']),
  enabled: z.boolean(),
  run_at: time.optional(),
  every_seconds: z.int().optional(),
  cron: z.array(z.string()).optional(),
  timezone: z.string(),
  words: z.string().meta({ description: 'The times in words.' }),
  overlap: z.enum(OVERLAPS),
  next_at: time.optional().meta({ description: 'Next firing; absent if there is none.' }),
  created_at: time,
});

export const scheduleList = z
  .object({
    schema: schemaName('skillos.schedules/v1'),
    items: z.array(item),
    next: z
      .string()
      .optional()
      .meta({ description: 'Value of `after` for the next page; absent on the last page.' }),
  })
  .meta({ id: 'ScheduleList' });

export const scheduleQuery = z.strictObject({
  limit: z.int().min(1).max(1000).default(100),
  after: text.optional().meta({ description: 'Continue after this schedule: `next` of the previous page.' }),
});

export const schedule = item
  .extend({
    schema: schemaName('skillos.schedule/v1'),
    principal: z.string(),
    fired: z.int().meta({ description: 'Number of firings by time.' }),
    catchup_seconds: z.int(),
    pause_on_failure: z.boolean(),
    paused_by: runId.optional().meta({ description: 'The failed run that disabled the schedule.' }),
    next: z.array(time),
    runs: z.array(z.looseObject({ run_id: runId, status: z.string() })),
    missed: z.array(
      z.object({ at: time, reason: z.enum(['overlap', 'waiting', 'missed']), run_id: runId.optional() }),
    ),
    warnings: z.array(z.string()).optional(),
  })
  .meta({ id: 'Schedule' });

export const changeRequest = z.strictObject({ role }).meta({ id: 'ScheduleChangeRequest' });

export const scheduleChange = z
  .object({
    schema: schemaName('skillos.schedule-change/v1'),
    id: z.string(),
    enabled: z.boolean().optional(),
    removed: z.boolean().optional(),
    run_id: runId.optional(),
    warnings: z.array(z.string()).optional(),
  })
  .meta({ id: 'ScheduleChange' });

export const backfillRequest = z
  .strictObject({ from: text, to: text, dry_run: z.boolean().default(false), role })
  .meta({ id: 'BackfillRequest' });

export const backfill = z
  .object({ schema: schemaName('skillos.backfill/v1'), id: z.string(), times: z.array(time) })
  .meta({ id: 'Backfill' });

export const previewRequest = z
  .strictObject({ ...timing, from: instant, count: z.int().min(1).max(1000).default(5) })
  .meta({ id: 'PreviewRequest' });

export const preview = z
  .object({
    schema: schemaName('skillos.preview/v1'),
    timezone: z.string(),
    words: z.string(),
    items: z.array(
      z.object({
        at: time.optional(),
        shown_twice: z.enum(['first', 'second']).optional(),
        local: z.string().optional().meta({ description: 'A local time that a clock change skips.' }),
        skipped: z.boolean().optional(),
      }),
    ),
  })
  .meta({ id: 'Preview' });
