/** Pending activities of a run; the history records their attempts only after they have ended. */
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import type { ErrorCode } from '../../core/errors/error-codes.ts';
import type { JsonValue } from '../../core/json.ts';
import { readHeartbeat } from '../../core/limits/concurrency.ts';
import type { PendingStep } from '../../core/runs/why.ts';
import type { Temporal } from '../temporal/connection.ts';
import { decode } from '../temporal/payloads.ts';

/** PENDING_ACTIVITY_STATE_STARTED */
const STARTED = 2;

/** Returns one item per pending activity, with its attempt, last failure and progress. Rejects as Temporal's client does. */
export async function pendingActivities(
  { client }: Temporal,
  runId: string,
): Promise<readonly PendingStep[]> {
  const { raw } = await client.workflow.getHandle(runId).describe();
  return Promise.all((raw.pendingActivities ?? []).map((pending) => pendingStep(client, pending)));
}

async function pendingStep(
  client: Client,
  pending: temporal.api.workflow.v1.IPendingActivityInfo,
): Promise<PendingStep> {
  const { activityId, activityType, state, attempt, nextAttemptScheduleTime: next, lastFailure } = pending;
  const { waits, progress } = readHeartbeat(
    pending.heartbeatDetails ? await decode<JsonValue>(client, pending.heartbeatDetails) : undefined,
  );
  const isRunning = Number(state) === STARTED;
  return {
    skill: activityType?.name ?? '',
    isRunning,
    attempt: (attempt ?? 1) - waits,
    ...(activityId ? { activityId } : {}),
    ...(next
      ? { nextAt: new Date(Number(next.seconds) * 1000 + (next.nanos ?? 0) / 1e6).toISOString() }
      : {}),
    ...failureOf(lastFailure, isRunning),
    // The worker's heartbeat carries null while the skill has reported no progress.
    ...(progress === null ? {} : { progress }),
  };
}

function failureOf(
  failure: temporal.api.failure.v1.IFailure | null | undefined,
  isRunning: boolean,
): Pick<PendingStep, 'failure' | 'waiting'> {
  const { message } = failure ?? {};
  if (!message) return {};
  const code: ErrorCode = 'concurrency_limited';
  if (failure?.applicationFailureInfo?.type !== code) return { failure: message };
  return isRunning ? {} : { waiting: message };
}
