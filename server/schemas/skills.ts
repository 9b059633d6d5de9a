/** Schemas of requests and documents about skills. */
import * as z from 'zod';
import { role, schemaName, skillId } from './parts.ts';

export const skillQuery = z.strictObject({
  tag: z
    .array(z.string().max(200))
    .max(100)
    .default([])
    .meta({ description: 'Only skills with any of these.' }),
  all: z.boolean().default(false).meta({ description: 'Include deprecated skills.' }),
});

const skillItem = z.object({
  id: skillId,
  name: z.string(),
  description: z.string(),
  version: z.string(),
  tags: z.array(z.string()),
  deprecated: z.boolean(),
  active: z.boolean().optional().meta({ description: 'Compositions only: true if it is active.' }),
});

export const skillList = z
  .object({ schema: schemaName('skillos.skills/v1'), items: z.array(skillItem) })
  .meta({ id: 'SkillList' });

export const skill = z
  .looseObject({
    schema: schemaName('skillos.skill/v1'),
    id: skillId,
    name: z.string(),
    description: z.string(),
    version: z.string(),
    deprecated: z.boolean(),
    tags: z.array(z.string()).optional(),
    inputs: z.unknown().optional().meta({ description: 'JSON Schema of the payload.' }),
    outputs: z.unknown().optional().meta({ description: 'JSON Schema of the result.' }),
    timeout_ms: z.number(),
  })
  .meta({ id: 'Skill' });

export const deprecateRequest = z
  .strictObject({
    reason: z.string().max(2000).optional().meta({ description: 'Reason for the deprecation.' }),
    replacement_id: skillId.optional().meta({ description: 'The skill to use instead.' }),
    role,
  })
  .meta({ id: 'DeprecateRequest' });

export const undeprecateRequest = z.strictObject({ role }).meta({ id: 'UndeprecateRequest' });

export const deprecation = z
  .object({
    schema: schemaName('skillos.deprecation/v1'),
    skill: skillId,
    deprecated: z.boolean(),
    file: z.string(),
  })
  .meta({ id: 'Deprecation' });

export const validateRequest = z
  .strictObject({
    check_entrypoints: z
      .boolean()
      .default(false)
      .meta({ description: 'Load each implementation in a process of its own.' }),
  })
  .meta({ id: 'ValidateRequest' });

const finding = z.looseObject({
  severity: z.enum(['error', 'warning']),
  rule: z.string(),
  file: z.string(),
  message: z.string(),
  line: z.int().optional(),
  field: z.string().optional(),
  skill: z.string().optional(),
});

export const validation = z
  .object({
    schema: schemaName('skillos.validation/v1'),
    valid: z.boolean(),
    skills: z.int(),
    errors: z.int(),
    warnings: z.int(),
    items: z.array(finding),
  })
  .meta({ id: 'Validation' });
