/** Runs as they are asked for and answered. */
import * as z from 'zod';
import { RUN_STATUSES } from '../../core/run.ts';
import type { RunStatus } from '../../core/run.ts';
import { json, role, runId, schemaName, skillId, time, waitSeconds } from './parts.ts';

const statuses = RUN_STATUSES as readonly [RunStatus, ...RunStatus[]];
/** What every way of running takes. */
const execution = {
  payload: json.optional().meta({ description: 'Input of the skill; default: the query, else `ok`.' }),
  wait_seconds: waitSeconds,
  max_retries: z.int().min(0).max(99).optional().meta({
    description: 'Retries of a failing step, instead of the manifest’s.',
  }),
  approval: z.enum(['approved', 'denied']).optional().meta({
    description:
      'Decide in the same call where people must; `X-Approval-Token` proves it where that is asked.',
  }),
  dry_run: z.boolean().default(false).meta({ description: 'Only show what would happen.' }),
  expected_digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hex')
    .optional()
    .meta({
      description: '`plan_digest` of a dry run: run only if all is as it was shown.',
    }),
  step_through: z.boolean().default(false).meta({ description: 'Pause before each step.' }),
  rollback: z.boolean().default(true).meta({ description: 'Undo completed steps when a later one fails.' }),
  role,
};

export const runRequest = z
  .strictObject({
    query: z
      .string()
      .max(10_000)
      .regex(/\S/, 'expected a text that is not empty')
      .meta({ description: 'What is wanted, in words.', examples: ['Find flights to Sochi'] }),
    execute: z.boolean().default(false).meta({ description: 'Run the skill; else it is only named.' }),
    skill: skillId.optional().meta({ description: 'Take this skill instead of the router’s choice.' }),
    tags: z
      .array(z.string().max(200))
      .max(100)
      .default([])
      .meta({ description: 'Only skills with any of these.' }),
    mode: z.enum(['single', 'pipeline', 'parallel', 'auto']).default('single').meta({
      description: 'Whether a query of several orders is split, and into what.',
    }),
    ...execution,
  })
  .meta({ id: 'RunRequest' });

export const skillRunRequest = z.strictObject(execution).meta({ id: 'SkillRunRequest' });

const member = z.string().min(1).max(2000);

export const pipelineRunRequest = z
  .strictObject({
    steps: z
      .array(z.union([member, z.array(member).min(1).max(500)]))
      .min(1)
      .max(500)
      .meta({
        description: 'Skills in order; a list, or ids joined by `|`, run at once.',
        examples: [['ops/first', ['travel/search_flights', 'travel/search_hotels']]],
      }),
    ...execution,
  })
  .meta({ id: 'PipelineRunRequest' });

export const rerunRequest = z
  .strictObject({
    from: z
      .union([z.int().min(1), z.string().min(1).max(200)])
      .optional()
      .meta({
        description:
          'First step that runs again, by its number or skill; those before hand on what they put out.',
      }),
    set: z.record(z.string().max(200), json).default({}).meta({
      description: 'What steps are to have put out, by their number or skill; they do not run.',
    }),
    latest: z
      .boolean()
      .default(false)
      .meta({ description: 'Skills as they are now, not as the run had them.' }),
    ...execution,
  })
  .meta({ id: 'RerunRequest' });

export type RunRequest = z.output<typeof runRequest>;
export type ExecutionRequest = z.output<typeof skillRunRequest>;

const candidate = z.object({ skill: skillId, confidence: z.number() });

const routing = z
  .object({
    status: z.enum(['routed', 'low_confidence', 'no_skill_found']),
    skill: skillId.optional(),
    confidence: z.number().meta({ description: 'From 0 to 1; calibrated.' }),
    alternatives: z.array(candidate),
    reasons: z.array(z.string()),
    replaces: skillId.optional().meta({ description: 'The deprecated skill that was asked for.' }),
  })
  .meta({ id: 'Routing' });

const failure = z.object({ code: z.string(), message: z.string() });

const step = z
  .looseObject({
    id: z.int().meta({ description: 'Number in the plan, from 1.' }),
    skill: skillId,
    status: z.string(),
    attempts: z.int().optional(),
    started_at: time.optional(),
    ended_at: time.optional(),
    output: json.optional(),
    error: failure.optional(),
  })
  .meta({ id: 'Step' });

export const run = z
  .looseObject({
    schema: schemaName('skillos.run/v1'),
    run_id: runId.optional().meta({ description: 'Absent where nothing was started.' }),
    status: z.enum([...statuses, 'routed', 'no_skill_found', 'low_confidence', 'dry_run']),
    reason: z.string().optional().meta({ description: 'Code of why it ended so.' }),
    skill: z.string().optional().meta({ description: 'Its skill, or `pipeline`.' }),
    routing: routing.optional(),
    plan_digest: z.string().optional(),
    result: json.optional(),
    error: failure.optional(),
    steps: z.array(step),
    warnings: z.array(z.string()).optional(),
    principal: z.string().optional(),
    created_at: time.optional(),
    started_at: time.optional(),
    ended_at: time.optional(),
    replayed: z.boolean().optional(),
    url: z.string().optional().meta({ description: 'The run in the Temporal Web UI.' }),
  })
  .meta({ id: 'Run' });

export const runQuery = z.strictObject({
  status: z.array(z.enum(statuses)).max(20).optional().meta({ description: 'Only runs in any of these.' }),
  skill: skillId.optional().meta({ description: 'Only runs of this skill.' }),
  since: z.string().max(40).optional().meta({
    description: 'Only runs asked for within this time, such as `24h`, or since an ISO date.',
  }),
  limit: z.int().min(1).max(1000).default(20),
  after: runId.optional().meta({ description: 'Go on after this run: `next` of the page before.' }),
});

const runItem = z.looseObject({
  run_id: runId,
  status: z.enum(statuses),
  reason: z.string().optional(),
  skill: z.string(),
  principal: z.string(),
  created_at: time,
  started_at: time.optional(),
  ended_at: time.optional(),
});

export const runPage = z
  .object({
    schema: schemaName('skillos.runs/v1'),
    items: z.array(runItem),
    next: z.string().optional().meta({ description: 'Where the next page begins; absent on the last.' }),
  })
  .meta({ id: 'RunPage' });

export const cancelRequest = z
  .strictObject({
    rollback: z.boolean().default(false).meta({ description: 'Undo what completed steps did.' }),
    role,
  })
  .meta({ id: 'CancelRequest' });

export const cancelled = z
  .object({ schema: schemaName('skillos.cancel/v1'), run_id: runId, status: z.literal('cancel_requested') })
  .meta({ id: 'CancelRequested' });
