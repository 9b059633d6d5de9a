/** Records work that the worker refuses: in the audit log, in the event log, and in a counter that all processes share. */
import { activityInfo } from '@temporalio/activity';
import type { ErrorCode } from '../../core/errors/error-codes.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { countRequest } from '../../core/limits/rate-limit.ts';
import type { RateWindow } from '../../core/limits/rate-limit.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import { UNKNOWN_ACTOR, appendAudit } from '../../core/telemetry/audit.ts';
import { REFUSALS_KEY, REFUSALS_KIND, countRefusal } from '../../core/telemetry/refusals.ts';
import type { Refusals } from '../../core/telemetry/refusals.ts';
import { isRunId, requestIdOf } from '../../core/values/run-id.ts';
import { DEFAULT_TENANT } from '../../core/values/tenant.ts';
import type { WorkerPorts } from '../ports.ts';

export type RefusalCode = Extract<ErrorCode, 'work_refused' | 'run_replayed'>;

type RefusalPorts = Pick<WorkerPorts, 'records' | 'journal' | 'events' | 'now'>;

/** A flood of refused activities fills neither log: per minute and worker, at most this many are written and counted. */
const LIMIT = { requests: 600, windowMs: 60_000 };
let window: RateWindow | undefined;

/** Rejects with `code` after the refusal is recorded. */
export async function refuseWork(ports: RefusalPorts, code: RefusalCode, reason: string): Promise<never> {
  await recordRefusal(ports, code, reason);
  throw new SkillosError(code, reason);
}

/** `reason` is text of ours: nothing that the sender wrote is recorded except a valid run id. */
export async function recordRefusal(ports: RefusalPorts, code: RefusalCode, reason: string): Promise<void> {
  const now = ports.now();
  window = countRequest(window, now, LIMIT);
  if (window.count > LIMIT.requests) return;
  const { workflowExecution, activityRunId, activityId } = activityInfo();
  const runId = workflowExecution?.workflowId ?? '';
  const run = isRunId(runId) ? runId : undefined;
  const tenant = (run && (await runRecords(ports.records).get(run))?.tenant) ?? DEFAULT_TENANT;
  const execution = workflowExecution?.runId ?? activityRunId ?? '';
  const named = run === undefined ? {} : { run };
  await appendAudit(ports.journal, {
    id: `${execution}/${code}/${activityId.slice(0, 64)}`,
    at: new Date(now).toISOString(),
    tenant,
    actor: UNKNOWN_ACTOR,
    action: 'work_refused',
    way: 'worker',
    reason: code,
    after: { refused: reason },
    ...named,
  });
  await ports.records.update<Refusals>(REFUSALS_KIND, REFUSALS_KEY, (current) => countRefusal(current, code));
  ports.events.emit({
    request_id: run === undefined ? '' : requestIdOf(run),
    ...(run === undefined ? {} : { run_id: run }),
    tenant,
    event: 'work_refused',
    reason: code,
  });
}
