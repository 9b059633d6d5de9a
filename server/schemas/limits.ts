/** Schemas of a tenant's budget and circuits. */
import * as z from 'zod';
import { role, schemaName, skillId, time } from './parts.ts';

const limit = z.number();
const window = z.object({ limit, spent: z.number(), reserved: z.number(), remaining: z.number() });

export const budget = z
  .object({
    schema: schemaName('skillos.budget/v1'),
    tenant: z.string(),
    per_request: z.object({ limit }),
    daily: window,
    monthly: window,
    low_remaining: z.number(),
    tier: z.string().meta({ description: 'Model tier that steps should use.' }),
    step_cost: z.number(),
    runs_in_flight: z.int(),
  })
  .meta({ id: 'Budget' });

const circuit = z.object({
  skill: skillId,
  status: z.string(),
  failures: z.int(),
  last_failure_at: time,
  opened_at: time.optional(),
  retry_at: time.optional(),
  probes: z.int(),
});

export const circuits = z
  .object({ schema: schemaName('skillos.circuits/v1'), items: z.array(circuit) })
  .meta({ id: 'CircuitList' });

export const resetRequest = z.strictObject({ role }).meta({ id: 'CircuitResetRequest' });

export const circuitReset = z
  .object({
    schema: schemaName('skillos.circuit/v1'),
    skill: skillId,
    status: z.literal('closed'),
    had_failures: z.boolean(),
  })
  .meta({ id: 'CircuitReset' });
