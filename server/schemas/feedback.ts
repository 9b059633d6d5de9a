/** Schemas of feedback on routing. */
import * as z from 'zod';
import { role, schemaName, skillId, time } from './parts.ts';

export const feedbackRequest = z
  .strictObject({
    role,
    skill_id: z.string().meta({ description: 'The skill to which the query was routed.' }),
    expected_skill_id: z
      .string()
      .exactOptional()
      .meta({ description: 'The skill that was meant; absent to confirm the router.' }),
    query: z
      .string()
      .exactOptional()
      .meta({ description: 'Default: the query of the run, or the last one of the caller.' }),
    run_id: z.string().exactOptional().meta({ description: 'The run that the query started.' }),
  })
  .meta({ id: 'FeedbackRequest' });

export const feedbackListQuery = z.strictObject({
  limit: z.int().min(1).max(1000).default(1000),
  after: z.string().optional().meta({ description: 'Continue after this entry: `next` of the page before.' }),
});

export const undoRequest = z.strictObject({ role }).meta({ id: 'FeedbackUndoRequest' });

const fields = {
  id: z.string(),
  at: time,
  subject: z.string(),
  skill: skillId,
  expected: skillId.optional(),
  query: z.string().optional(),
  source: z.string(),
};

export const feedback = z
  .object({ schema: schemaName('skillos.feedback/v1'), ...fields, undone: z.literal(true).optional() })
  .meta({ id: 'Feedback' });

const weight = z.object({ confidence: z.number(), positive: z.int(), negative: z.int() });

export const feedbackList = z
  .object({
    schema: schemaName('skillos.feedback_list/v1'),
    items: z.array(z.object(fields)),
    skills: z.record(z.string(), weight).meta({ description: 'The weights of skills, from 0 to 1.' }),
    next: z.string().optional(),
  })
  .meta({ id: 'FeedbackList' });
