/** Schemas of approval requests and decisions. */
import * as z from 'zod';
import { json, role, runId, schemaName, skillId, time } from './parts.ts';

const approval = z.looseObject({
  run_id: runId,
  skill: z.string(),
  status: z.enum(['pending', 'approved', 'denied', 'expired', 'withdrawn']),
  principal: z.string().meta({ description: 'Subject of the requester.' }),
  created_at: time,
  waiting_since: time,
  expires_at: time.meta({ description: 'Time at which the request is denied unless somebody decides.' }),
  policy: z.string().meta({ description: 'The rule that requires the approval.' }),
  reasons: z.array(z.string()),
  looked_at: z
    .array(z.object({ skill: skillId, field: z.string(), value: json.optional() }))
    .optional()
    .meta({
      description: 'Fields of the input that the conditions of the policy looked at, by JSON pointer.',
    }),
  looked_at_left_out: z
    .int()
    .optional()
    .meta({ description: 'Number of further fields, if there are more than 20.' }),
  approvers: z.array(z.array(z.string())),
  approvals: z.int().meta({ description: 'Number of approvals so far.' }),
  needed: z.int(),
  allow_self: z.boolean(),
  token_required: z.boolean(),
  plan_digest: z.string(),
  step: z.int().optional(),
  cost: z.number().optional(),
});

export const approvalQuery = z.strictObject({
  limit: z.int().min(1).max(1000).default(20),
  after: runId.optional().meta({ description: 'Continue after this run: `next` of the previous page.' }),
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
    comment: z.string().max(2000).optional().meta({ description: 'Reason; it is kept with the decision.' }),
    plan_digest: z.string().max(200).optional().meta({
      description: 'Digest of the plan that was shown; if another plan waits now, the decision is refused.',
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
