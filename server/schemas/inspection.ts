/** Schemas of what explains runs: logs, traces, reasons, differences and the audit log. */
import * as z from 'zod';
import { AUDIT_ACTIONS } from '../../core/telemetry/audit.ts';
import { json, runId, schemaName, skillId, time } from './parts.ts';

export const logQuery = z.strictObject({
  after: z
    .int()
    .min(0)
    .default(0)
    .meta({ description: 'Continue after this position: `next` of the page before.' }),
});

export const logPage = z
  .object({
    schema: schemaName('skillos.logs/v1'),
    items: z.array(
      z.looseObject({ at: time, step: z.int(), attempt: z.int(), stream: z.string(), message: z.string() }),
    ),
    next: z
      .int()
      .optional()
      .meta({ description: 'Value of `after` for the next page; absent on the last page.' }),
  })
  .meta({ id: 'LogPage' });

const connectorCall = z
  .looseObject({
    at: time,
    attempt: z.int(),
    connector: z.string(),
    method: z.string(),
    host: z.string().meta({ description: 'Host with port, or the driver of a database.' }),
    status: z.int().optional().meta({ description: 'HTTP status.' }),
    code: z.string().optional().meta({ description: 'Error code of a failed call.' }),
    ms: z.number(),
    bytes: z.int().meta({ description: 'Size of the answer.' }),
  })
  .meta({ id: 'ConnectorCall' });

export const trace = z
  .looseObject({
    schema: schemaName('skillos.trace/v1'),
    run_id: runId,
    status: z.string(),
    plan_digest: z.string().optional(),
    total_ms: z.number().optional(),
    waited_ms: z
      .number()
      .optional()
      .meta({ description: 'Time that the run has waited for approvals and step commands.' }),
    steps: z.array(
      z.looseObject({
        id: z.int(),
        skill: skillId,
        status: z.string(),
        calls: z.array(connectorCall).optional().meta({ description: 'The first calls of connectors.' }),
        calls_left_out: z.int().optional().meta({ description: 'Number of further calls.' }),
      }),
    ),
  })
  .meta({ id: 'Trace' });

export const why = z
  .object({
    schema: schemaName('skillos.why/v1'),
    run_id: runId,
    status: z.string(),
    reason: z.string().meta({ description: 'The reason of a run in flight, `success`, or an error code.' }),
    message: z.string(),
    command: z.string().meta({ description: 'The next command.' }),
  })
  .meta({ id: 'Why' });

export const runDiff = z
  .looseObject({
    schema: schemaName('skillos.run_diff/v1'),
    before: runId,
    after: runId,
    changes: z.array(z.looseObject({ path: z.string(), before: json.optional(), after: json.optional() })),
    timing: z.array(z.looseObject({ what: z.string() })),
  })
  .meta({ id: 'RunDiff' });

export const auditQuery = z.strictObject({
  action: z.array(z.enum(AUDIT_ACTIONS)).max(AUDIT_ACTIONS.length).optional().meta({
    description: 'Only entries with one of these actions.',
  }),
  run: runId.max(300).optional().meta({ description: 'Only entries about this run.' }),
  skill: skillId.optional().meta({ description: 'Only entries about this skill.' }),
  subject: z.string().max(200).optional().meta({ description: 'Only actions of this person or program.' }),
  since: z.string().max(40).optional().meta({
    description: 'Only entries within this duration, such as `24h`, or since this ISO date.',
  }),
  limit: z.int().min(1).max(1000).default(20),
});

export const auditPage = z
  .object({
    schema: schemaName('skillos.audit/v1'),
    items: z.array(z.looseObject({ id: z.string(), at: time, action: z.string(), way: z.string() })),
    unreadable: z.int().meta({ description: 'Lines of the log that are no entries.' }),
  })
  .meta({ id: 'AuditPage' });
