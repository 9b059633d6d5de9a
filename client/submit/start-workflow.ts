/** Starts the workflow of a run, and makes certain if a start that the server did not answer has happened. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { TypedSearchAttributes, defineSearchAttributeKey } from '@temporalio/common';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { jobsQueueOf } from '../../core/jobs/jobs-queue.ts';
import { subjectOf } from '../../core/plans/plan-title.ts';
import type { RunRequest } from '../../core/runs/run.ts';
import { SEARCH_ATTRIBUTES } from '../../core/runs/search-attributes.ts';
import { msOf } from '../../core/values/iso-time.ts';
import { RUN_WORKFLOW } from '../../workflows/messages.ts';
import { asStartError } from '../temporal/connection.ts';
import type { Temporal } from '../temporal/connection.ts';

interface Start {
  readonly runId: string;
  readonly request: RunRequest;
  readonly query?: string | undefined;
  /** Unix milliseconds; default: the time of the request. The delay of a job counts from it. */
  readonly now?: number;
}

/** A busy server may answer late, and a local one that was killed is back after a second. */
const CONFIRM_WITHIN_MS = 20_000;

/**
 * Resolves to false if there is a run with this id, or was while Temporal kept it. Rejects with `engine_unreachable`; its
 * details name the run, which may have started if the server went away at that moment.
 */
export async function startWorkflow(temporal: Temporal, start: Start): Promise<boolean> {
  try {
    return await sendStart(temporal, start);
  } catch (error) {
    if (!isSkillosError(error, 'engine_unreachable')) throw error;
    return confirmStart(temporal, start, error);
  }
}

/** Sends the start again. The id makes it the same run, so that one which exists now is the one that was to be started. */
async function confirmStart(temporal: Temporal, start: Start, cause: SkillosError): Promise<boolean> {
  try {
    await temporal.client.withDeadline(Date.now() + CONFIRM_WITHIN_MS, () => sendStart(temporal, start));
    return true;
  } catch (error) {
    if (!isSkillosError(error, 'engine_unreachable')) throw error;
    throw new SkillosError('engine_unreachable', cause.message, {
      details: { run_id: start.runId },
      hint: `The run may have started: skillos runs show ${start.runId}`,
      cause: error,
    });
  }
}

async function sendStart(temporal: Temporal, start: Start): Promise<boolean> {
  const { runId, request, query } = start;
  const subject = subjectOf(request);
  try {
    await temporal.client.workflow.start(RUN_WORKFLOW, {
      workflowId: runId,
      taskQueue: temporal.target.taskQueue,
      args: [request],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      typedSearchAttributes: searchAttributesOf(request, subject),
      requestEagerStart: temporal.isEager ?? false,
      staticSummary: subject,
      ...detailsOf(query, request),
      ...jobOptions(temporal, start),
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw await asStartError(temporal, error);
  }
}

/** Details for the Temporal Web UI: what the run was asked for, or what has started it. */
function detailsOf(query: string | undefined, { job }: RunRequest) {
  if (query !== undefined) return { staticDetails: `Asked: ${query}` };
  return job?.trigger === undefined ? {} : { staticDetails: `Webhook: ${job.trigger}` };
}

/** Tenants share a queue fairly within each priority. Returns no options for a run that is not a job. */
function jobOptions({ target }: Temporal, { request, now = msOf(request.askedAt) }: Start) {
  const { job, tenant } = request;
  if (job === undefined) return {};
  const delayMs = job.runAt === undefined ? 0 : msOf(job.runAt) - now;
  return {
    taskQueue: jobsQueueOf(target.taskQueue),
    requestEagerStart: false,
    priority: { priorityKey: job.priority, fairnessKey: tenant },
    ...(delayMs > 0 ? { startDelay: delayMs } : {}),
  };
}

export function searchAttributesOf(request: RunRequest, subject: string): TypedSearchAttributes {
  const keyword = (name: string, value: string) => ({
    key: defineSearchAttributeKey(name, 'KEYWORD'),
    value,
  });
  return new TypedSearchAttributes([
    keyword(SEARCH_ATTRIBUTES.skill.name, subject),
    keyword(SEARCH_ATTRIBUTES.tenant.name, request.tenant),
    keyword(SEARCH_ATTRIBUTES.principal.name, request.principal.subject),
  ]);
}
