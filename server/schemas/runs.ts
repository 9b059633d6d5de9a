/** Schemas of run requests and run documents. */
import * as z from 'zod';
import { RUN_STATUSES } from '../../core/runs/run.ts';
import type { RunStatus } from '../../core/runs/run.ts';
import { json, role, runId, schemaName, sessionId, skillId, time, waitSeconds } from './parts.ts';

const statuses = RUN_STATUSES as readonly [RunStatus, ...RunStatus[]];
/** Fields of every request that starts a run. */
const execution = {
  payload: json
    .optional()
    .meta({ description: 'Input of the skill; default: the query, or `ok` without one.' }),
  wait_seconds: waitSeconds,
  max_retries: z.int().min(0).max(99).optional().meta({
    description: 'Number of retries of a failing step; overrides the manifest.',
  }),
  approval: z.enum(['approved', 'denied']).optional().meta({
    description:
      'Decision, if the run needs an approval; `X-Approval-Token` is required if a token is configured.',
  }),
  dry_run: z.boolean().default(false).meta({ description: 'Show the plan without running it.' }),
  expected_digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hex')
    .optional()
    .meta({
      description: '`plan_digest` of a dry run; the run starts only if its plan has the same digest.',
    }),
  step_through: z.boolean().default(false).meta({ description: 'Pause before each step.' }),
  rollback: z
    .boolean()
    .default(true)
    .meta({ description: 'Roll back completed steps if a later one fails.' }),
  session_id: sessionId.optional().meta({
    description: 'The session of the run, whose messages the skill sees; it is made if there is none.',
  }),
  role,
};

export const runRequest = z
  .strictObject({
    query: z
      .string()
      .max(10_000)
      .regex(/\S/, 'expected a text that is not empty')
      .meta({ description: 'The request in words.', examples: ['Find flights to Sochi'] }),
    execute: z.boolean().default(false).meta({ description: 'Run the skill; if false, only name it.' }),
    skill: skillId.optional().meta({ description: 'Use this skill instead of routing the query.' }),
    tags: z
      .array(z.string().max(200))
      .max(100)
      .default([])
      .meta({ description: 'Only skills with any of these.' }),
    mode: z.enum(['single', 'pipeline', 'parallel', 'auto']).default('single').meta({
      description: 'How to split a query with several tasks; `single` does not split.',
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
          'First step that runs again, by its number or skill; the outputs of earlier steps are reused.',
      }),
    set: z.record(z.string().max(200), json).default({}).meta({
      description: 'Outputs to use for steps, by their number or skill; these steps do not run.',
    }),
    latest: z
      .boolean()
      .default(false)
      .meta({ description: 'Use present skills instead of those that the run used.' }),
    ...execution,
  })
  .meta({ id: 'RerunRequest' });

export type ExecutionRequest = z.output<typeof skillRunRequest>;

const candidate = z.object({ skill: skillId, confidence: z.number() });

const routing = z
  .object({
    status: z.enum(['routed', 'low_confidence', 'no_skill_found']),
    skill: skillId.optional(),
    confidence: z.number().meta({ description: 'Calibrated probability, 0 to 1.' }),
    alternatives: z.array(candidate),
    reasons: z.array(z.string()),
    replaces: skillId.optional().meta({ description: 'The deprecated skill that this one replaces.' }),
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
    run_id: runId.optional().meta({ description: 'Absent if no run was started.' }),
    status: z.enum([...statuses, 'routed', 'no_skill_found', 'low_confidence', 'dry_run']),
    reason: z.string().optional().meta({ description: 'Code of the reason for the status.' }),
    skill: z.string().optional().meta({ description: 'The skill of the run; `pipeline` for several.' }),
    schedule: z.string().optional().meta({ description: 'The schedule that fired the run.' }),
    trigger: z
      .string()
      .optional()
      .meta({ description: 'The trigger of a webhook that has started the run.' }),
    session_id: sessionId.optional(),
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
  status: z
    .array(z.enum(statuses))
    .max(20)
    .optional()
    .meta({ description: 'Only runs with one of these statuses.' }),
  skill: skillId.optional().meta({ description: 'Only runs of this skill.' }),
  schedule: z.string().max(63).optional().meta({ description: 'Only runs that this schedule fired.' }),
  since: z.string().max(40).optional().meta({
    description: 'Only runs created within this duration, such as `24h`, or since this ISO date.',
  }),
  limit: z.int().min(1).max(1000).default(20),
  after: runId.optional().meta({ description: 'Continue after this run: `next` of the previous page.' }),
});

const runItem = z.looseObject({
  run_id: runId,
  status: z.enum(statuses),
  reason: z.string().optional(),
  skill: z.string(),
  schedule: z.string().optional(),
  trigger: z.string().optional(),
  session_id: sessionId.optional(),
  principal: z.string(),
  created_at: time,
  started_at: time.optional(),
  ended_at: time.optional(),
});

export const runPage = z
  .object({
    schema: schemaName('skillos.runs/v1'),
    items: z.array(runItem),
    next: z
      .string()
      .optional()
      .meta({ description: 'Value of `after` for the next page; absent on the last page.' }),
  })
  .meta({ id: 'RunPage' });

export const cancelRequest = z
  .strictObject({
    rollback: z.boolean().default(false).meta({ description: 'Roll back completed steps.' }),
    role,
  })
  .meta({ id: 'CancelRequest' });

export const cancelled = z
  .object({ schema: schemaName('skillos.cancel/v1'), run_id: runId, status: z.literal('cancel_requested') })
  .meta({ id: 'CancelRequested' });
