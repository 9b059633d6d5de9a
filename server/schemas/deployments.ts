/** Schemas of deployments. */
import * as z from 'zod';
import { role, schemaName, time } from './parts.ts';

export const deploymentQuery = z.strictObject({
  limit: z.int().min(1).max(1000).default(20),
  after: z.string().max(200).optional().meta({ description: 'Continue there: `next` of the page before.' }),
});

const fields = {
  id: z.string().meta({ description: 'SHA-256 of its content.' }),
  at: time,
  by: z.string(),
  message: z.string().optional(),
  skills: z.int(),
  active: z.boolean(),
};

export const deploymentPage = z
  .object({
    schema: schemaName('skillos.deployments/v1'),
    items: z.array(z.object({ ...fields, files: z.int() })),
    next: z
      .string()
      .optional()
      .meta({ description: 'Value of `after` for the next page; absent on the last page.' }),
  })
  .meta({ id: 'DeploymentPage' });

export const deployment = z
  .object({
    schema: schemaName('skillos.deployment/v1'),
    ...fields,
    files: z.array(z.string()).meta({ description: 'Paths below the skills root.' }),
    code: z
      .record(z.string(), z.string())
      .meta({ description: 'Content hashes of the code of skills and variants.' }),
  })
  .meta({ id: 'Deployment' });

export const deploymentDiff = z
  .object({
    schema: schemaName('skillos.deployment-diff/v1'),
    from: z.string(),
    to: z.string(),
    changes: z.array(
      z.object({
        change: z.enum(['added', 'changed', 'removed']),
        kind: z.enum(['file', 'code']),
        name: z.string(),
      }),
    ),
  })
  .meta({ id: 'DeploymentDiff' });

export const activateRequest = z.strictObject({ role }).meta({ id: 'ActivateRequest' });

export const activation = z
  .object({
    schema: schemaName('skillos.activation/v1'),
    status: z.enum(['activated', 'rolled_back']),
    id: z.string(),
  })
  .meta({ id: 'Activation' });
