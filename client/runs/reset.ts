/** Resets a run on behalf of an operator: Temporal makes a new execution, and the run record names it. */
import { ulid } from 'ulid';
import { SkillosError } from '../../core/errors/errors.ts';
import { resetRecord } from '../../core/runs/run-record.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import { authorizeSkills } from '../audit/authorize-skills.ts';
import type { ClientPorts } from '../ports.ts';
import { unknownRun } from '../temporal/connection.ts';
import type { Temporal } from '../temporal/connection.ts';
import { findRun, ofTenant } from './run-records.ts';

const SIGNALS_AND_UPDATES = [1, 2]; // ResetReapplyExcludeType: SIGNAL, UPDATE

/**
 * Requires the right to run all steps, because they run again. Rejects with `unknown_run`, or as `authorize`
 * does. Needs no Temporal.
 */
export async function runToReset(ports: ClientPorts, actor: Actor, runId: string): Promise<RunRecord> {
  const run = ofTenant(await findRun(ports, runId), actor.rights);
  await authorize(ports, actor, { operation: 'runs:operate', run });
  await authorizeSkills(ports, actor, { run, skills: run.steps.map(({ skill }) => skill) });
  return run;
}

/**
 * Call `runToReset` first. The run begins again with its first step, and is decided and approved again: decisions and
 * commands that it has received do not count. Rejects with `history_unavailable` or `unknown_run`.
 */
export async function resetRun(
  ports: ClientPorts,
  temporal: Temporal,
  { actor, run }: { readonly actor: Actor; readonly run: RunRecord },
): Promise<void> {
  const executionId = await resetExecution(temporal, run.id);
  await runRecords(ports.records).update(run.id, (current = run) =>
    resetRecord(current, { executionId, status: 'running' }),
  );
  await recordAudit(ports, actor, {
    action: 'run_reset',
    run: run.id,
    before: { status: run.status, ...(run.executionId === undefined ? {} : { execution: run.executionId }) },
    after: { execution: executionId },
  });
}

/** Returns the id of the new execution. */
async function resetExecution({ client, target }: Temporal, runId: string): Promise<string> {
  try {
    const { events } = await client.workflow.getHandle(runId).fetchHistory();
    const first = events?.find(({ workflowTaskCompletedEventAttributes: task }) => Boolean(task));
    if (first?.eventId === undefined || first.eventId === null) throw notBegun(runId);
    const { runId: executionId } = await client.workflowService.resetWorkflowExecution({
      namespace: target.namespace,
      workflowExecution: { workflowId: runId },
      workflowTaskFinishEventId: first.eventId,
      reason: 'skillos runs reset',
      requestId: ulid(),
      resetReapplyExcludeTypes: SIGNALS_AND_UPDATES,
    });
    return executionId;
  } catch (error) {
    throw unknownRun(error, runId);
  }
}

function notBegun(runId: string): SkillosError {
  return new SkillosError(
    'history_unavailable',
    `No worker has begun run "${runId}", so there is nothing to reset`,
  );
}
