/** Schemas of commands to runs that are stepped through. */
import * as z from 'zod';
import { json, role, runId, schemaName } from './parts.ts';

const command = z.enum(['next', 'continue', 'skip', 'edit', 'abort', 'break']);

export const stepRequest = z
  .strictObject({
    command,
    input: json.optional().meta({ description: 'With `edit`: the new input of the step.' }),
    step: z
      .union([z.int().min(1), z.string().min(1).max(200)])
      .optional()
      .meta({
        description: 'With `break`: the step to pause before, by its number or skill.',
      }),
    role,
  })
  .meta({ id: 'StepRequest' });

export type StepRequest = z.output<typeof stepRequest>;

export const stepTaken = z
  .object({ schema: schemaName('skillos.step/v1'), run_id: runId, command })
  .meta({ id: 'StepTaken' });
