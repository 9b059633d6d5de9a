/** Schemas of jobs. */
import * as z from 'zod';
import { RUN_STATUSES } from '../../core/runs/run.ts';
import type { RunStatus } from '../../core/runs/run.ts';
import { json, role, runId, schemaName, skillId, time } from './parts.ts';

const statuses = RUN_STATUSES as readonly [RunStatus, ...RunStatus[]];
const member = z.string().min(1).max(2000);
const duration = z.string().min(1).max(40);

export const jobRequest = z
  .strictObject({
    skill: skillId.optional(),
    steps: z
      .array(z.union([member, z.array(member).min(1).max(500)]))
      .min(1)
      .max(500)
      .optional()
      .meta({
        description: 'Instead of `skill`: skills in order; a list, or ids joined by `|`, run at once.',
      }),
    payload: json.optional().meta({ description: 'Input of the first skill; default: `ok`.' }),
    max_retries: z.int().min(0).max(99).optional().meta({
      description: 'Number of retries of a failing step; overrides the manifest.',
    }),
    delay: duration.optional().meta({ description: 'Start the job after this long.', examples: ['5m'] }),
    run_at: z.string().min(1).max(40).optional().meta({
      description: 'Start the job at this time, ISO 8601 with its offset.',
    }),
    priority: z.int().min(1).max(5).default(3).meta({ description: 'From 1, which is served first, to 5.' }),
    expires: duration.optional().meta({
      description: 'Cancel the job if it has not started this long after its time.',
      examples: ['1h'],
    }),
    rollback: z
      .boolean()
      .default(true)
      .meta({ description: 'Roll back completed steps if a later one fails.' }),
    role,
  })
  .meta({ id: 'JobRequest' });

export type JobRequest = z.output<typeof jobRequest>;

export const jobEnqueued = z
  .object({
    schema: schemaName('skillos.job.enqueued/v1'),
    job_id: runId,
    status: z.literal('queued'),
    replayed: z.boolean().optional(),
    requeue_of: runId.optional(),
  })
  .meta({ id: 'JobEnqueued' });

const jobFields = {
  job_id: runId,
  status: z.enum(statuses),
  reason: z.string().optional(),
  skill: z.string(),
  phase: z
    .enum(['delayed', 'expired', 'due', 'running', 'retrying', 'waiting'])
    .optional()
    .meta({ description: 'What a job that has not ended waits for.' }),
  priority: z.int(),
  run_at: time.optional(),
  expires_at: time.optional(),
  retry: z
    .object({
      at: time,
      failures: z.int(),
      error: z.object({ code: z.string(), message: z.string() }),
    })
    .optional(),
  requeue_of: runId.optional(),
  requeued_as: runId.optional(),
  trigger: z.string().optional().meta({ description: 'The trigger whose delivery has enqueued the job.' }),
  principal: z.string(),
  created_at: time,
  started_at: time.optional(),
  ended_at: time.optional(),
};

export const job = z
  .looseObject({ schema: schemaName('skillos.job/v1'), ...jobFields, result: json.optional() })
  .meta({ id: 'Job' });

export const jobPage = z
  .object({
    schema: schemaName('skillos.jobs/v1'),
    items: z.array(z.looseObject(jobFields)),
    next: z
      .string()
      .optional()
      .meta({ description: 'Value of `after` for the next page; absent on the last page.' }),
  })
  .meta({ id: 'JobPage' });

const page = {
  limit: z.int().min(1).max(1000).default(20),
  after: runId.optional().meta({ description: 'Continue after this job: `next` of the previous page.' }),
};

export const deadQuery = z.strictObject(page);

export const jobQuery = z.strictObject({
  status: z
    .array(z.enum(statuses))
    .max(20)
    .optional()
    .meta({ description: 'Only jobs with one of these statuses.' }),
  skill: skillId.optional().meta({ description: 'Only jobs of this skill.' }),
  since: z.string().max(40).optional().meta({
    description: 'Only jobs created within this duration, such as `24h`, or since this ISO date.',
  }),
  ...page,
});

export const jobChange = z.strictObject({ role }).meta({ id: 'JobChange' });

export const jobCancelled = z
  .object({
    schema: schemaName('skillos.job.cancel/v1'),
    job_id: runId,
    status: z.enum(['cancelled', 'cancel_requested']),
  })
  .meta({ id: 'JobCancelled' });
