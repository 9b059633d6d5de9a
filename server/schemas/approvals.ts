/** Runs that wait for people, and decisions about them. */
import * as z from 'zod';
import { json, role, runId, schemaName, skillId, time } from './parts.ts';

const approval = z.looseObject({
  run_id: runId,
  skill: z.string(),
  status: z.enum(['pending', 'approved', 'denied', 'expired', 'withdrawn']),
  principal: z.string().meta({ description: 'Who asked for the run.' }),
  created_at: time,
  waiting_since: time,
  expires_at: time.meta({ description: 'When waiting denies.' }),
  policy: z.string().meta({ description: 'The rule that asks for people.' }),
  reasons: z.array(z.string()),
  approvers: z.array(z.array(z.string())),
  approvals: z.int().meta({ description: 'Approvals so far.' }),
  needed: z.int(),
  allow_self: z.boolean(),
  token_required: z.boolean(),
  plan_digest: z.string(),
  step: z.int().optional(),
  cost: z.number().optional(),
});

export const approvalQuery = z.strictObject({
  limit: z.int().min(1).max(1000).default(20),
  after: runId.optional().meta({ description: 'Go on after this run: `next` of the page before.' }),
});

export const approvalPage = z
  .object({
    schema: schemaName('skillos.approvals/v1'),
    items: z.array(approval),
    next: z.string().optional(),
  })
  .meta({ id: 'ApprovalPage' });

export const approvalDetail = approval
  .extend({
    schema: schemaName('skillos.approval/v1'),
    roles: z.array(z.string()),
    input: json,
    steps: z.array(z.looseObject({ id: z.int(), skill: skillId, hash: z.string() })),
    warnings: z.array(z.string()),
    decisions: z.array(z.looseObject({ decision: z.enum(['approved', 'denied']), at: time })),
  })
  .meta({ id: 'Approval' });

export const decisionRequest = z
  .strictObject({
    comment: z.string().max(2000).optional().meta({ description: 'Why; it is kept with the decision.' }),
    plan_digest: z.string().max(200).optional().meta({
      description: 'Digest of the plan that was seen; another one that waits now is not decided.',
    }),
    role,
  })
  .meta({ id: 'DecisionRequest' });

export const decision = z
  .object({
    schema: schemaName('skillos.decision/v1'),
    run_id: runId,
    decision: z.enum(['approved', 'denied']),
    outcome: z.enum(['approved', 'denied', 'pending']),
    approvals: z.int(),
    needed: z.int(),
  })
  .meta({ id: 'Decision' });
