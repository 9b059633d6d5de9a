/** What Temporal tells of steps that have not ended: the history has their attempts only afterwards. */
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import type { JsonValue } from '../core/json.ts';
import type { PendingStep } from '../core/why.ts';
import type { Temporal } from './connection.ts';
import { decode } from './payloads.ts';

/** PENDING_ACTIVITY_STATE_STARTED */
const STARTED = 2;

/** Rejects as Temporal's client does. */
export async function pendingSteps({ client }: Temporal, runId: string): Promise<readonly PendingStep[]> {
  const { raw } = await client.workflow.getHandle(runId).describe();
  return Promise.all((raw.pendingActivities ?? []).map((pending) => pendingStep(client, pending)));
}

async function pendingStep(
  client: Client,
  pending: temporal.api.workflow.v1.IPendingActivityInfo,
): Promise<PendingStep> {
  const { activityId, activityType, state, attempt, nextAttemptScheduleTime: next, lastFailure } = pending;
  const progress = pending.heartbeatDetails
    ? await decode<JsonValue>(client, pending.heartbeatDetails)
    : undefined;
  return {
    skill: activityType?.name ?? '',
    isRunning: Number(state) === STARTED,
    attempt: attempt ?? 1,
    ...(activityId ? { activityId } : {}),
    ...(next
      ? { nextAt: new Date(Number(next.seconds) * 1000 + (next.nanos ?? 0) / 1e6).toISOString() }
      : {}),
    ...(lastFailure?.message ? { failure: lastFailure.message } : {}),
    // The worker says null of a skill that has said nothing.
    ...(progress === undefined || progress === null ? {} : { progress }),
  };
}
