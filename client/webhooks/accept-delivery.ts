/** From a delivery whose signature was right to its job. */
import { DEFAULT_PRIORITY } from '../../core/jobs/job-terms.ts';
import { parseAttachments } from '../../core/attachments/attachment-request.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import { skippedEvent } from '../../core/telemetry/events.ts';
import type { EventBody } from '../../core/telemetry/events.ts';
import { requestIdOf, runIdOf } from '../../core/values/run-id.ts';
import { dotted } from '../../core/values/skill-id.ts';
import { tenantOfProcess } from '../../core/values/tenant.ts';
import { challengeOf, keyOf, parseDelivery, payloadOf } from '../../core/webhooks/delivery.ts';
import type { Delivery } from '../../core/webhooks/delivery.ts';
import type { HeaderOf } from '../../core/webhooks/scheme.ts';
import { principalOf } from '../../core/webhooks/trigger.ts';
import type { Trigger } from '../../core/webhooks/trigger.ts';
import { dropAttachments, proveAttachments, storeAttachments } from '../attachments/attachments.ts';
import type { Proven } from '../attachments/attachments.ts';
import { enqueueJob } from '../jobs/enqueue.ts';
import { claimRunId } from '../runs/idempotency.ts';
import type { Submission } from '../submit/submission.ts';
import type { WebhookPorts } from './ports.ts';

export type Accepted =
  | { readonly kind: 'enqueued'; readonly jobId: string }
  /** An earlier delivery with the same key enqueued this job. */
  | { readonly kind: 'skipped'; readonly jobId: string }
  | { readonly kind: 'challenged'; readonly challenge: string };

export interface AcceptedDelivery {
  /** A ULID. */
  readonly deliveryId: string;
  readonly body: Uint8Array;
  readonly header: HeaderOf;
  readonly way: Submission['actor']['way'];
  readonly key?: string | undefined;
  /** Enqueues a job whatever the key of the delivery. */
  readonly isReplay?: boolean;
}

/** Rejects with the fault of the delivery before anything is stored. */
export async function acceptDelivery(
  ports: WebhookPorts,
  trigger: Trigger,
  accepted: AcceptedDelivery,
): Promise<Accepted> {
  const delivery = parseDelivery(accepted.body);
  const challenge = challengeOf(trigger.scheme, delivery);
  if (challenge !== undefined) return { kind: 'challenged', challenge };
  const attachments = parseAttachments(delivery.body['attachments'], ports.settings);
  payloadOf(trigger, delivery, []); // before anything is decoded or claimed
  const proven = await proveAttachments(ports.attachments, attachments);
  const { header, key: keyGiven, isReplay } = accepted;
  const key = isReplay === true ? undefined : keyOf(trigger, delivery, { header, given: keyGiven });
  const claim = await claimJob(ports, { trigger, key, deliveryId: accepted.deliveryId });
  if (claim.isDone) {
    ports.submit.emit(claim.skipped);
    return { kind: 'skipped', jobId: claim.jobId };
  }
  return enqueue(ports, { trigger, delivery, proven, claim, way: accepted.way });
}

interface JobClaim {
  readonly jobId: string;
  /** The job exists. */
  readonly isDone: boolean;
  /** Events for a delivery that enqueues nothing. */
  readonly skipped: readonly EventBody[];
}

/**
 * Names the job of a key. A claim whose job does not exist, because its delivery was refused or its process died, is only a
 * name: whoever delivers next under this key enqueues the job under it. So no refusal uses up a key.
 */
async function claimJob(
  { submit, settings }: WebhookPorts,
  {
    trigger,
    key,
    deliveryId,
  }: { readonly trigger: Trigger; readonly key: string | undefined; readonly deliveryId: string },
): Promise<JobClaim> {
  const { ports, idempotencyTtlSeconds: ttlSeconds } = submit;
  const runId = runIdOf(dotted(trigger.skill), deliveryId);
  if (key === undefined) return { jobId: runId, isDone: false, skipped: [] };
  const claim = await claimRunId(ports, {
    tenant: tenantOfProcess(settings),
    principal: { subject: `webhook:${trigger.id}`, via: 'local' },
    operation: 'webhook',
    key,
    request: null, // a repetition need not have the same bytes
    runId,
    ttlSeconds,
  });
  const { runId: jobId, isReplayed } = claim;
  if (!isReplayed) return { jobId, isDone: false, skipped: [] };
  const { expiresAt } = claim;
  const skipped = [skippedEvent({ source: 'webhook', skill: trigger.skill, key, expiresAt })];
  return { jobId, isDone: (await runRecords(ports.records).get(jobId)) !== undefined, skipped };
}

interface ToEnqueue {
  readonly trigger: Trigger;
  readonly delivery: Delivery;
  readonly proven: readonly Proven[];
  readonly claim: JobClaim;
  readonly way: Submission['actor']['way'];
}

async function enqueue(
  ports: WebhookPorts,
  { trigger, delivery, proven, claim, way }: ToEnqueue,
): Promise<Accepted> {
  const requestId = requestIdOf(claim.jobId); // the trigger may have got another skill since the claim
  const runId = runIdOf(dotted(trigger.skill), requestId);
  const { settings, permissions, submit } = ports;
  const rights = {
    principal: principalOf(trigger),
    tenant: tenantOfProcess(settings),
    production: settings.production,
    file: await permissions(),
  };
  const refs = await storeAttachments(submit.ports, ports.attachments, { runId, proven });
  try {
    const job = await enqueueJob(submit, {
      wanted: { kind: 'skill', skill: trigger.skill },
      payload: () => Promise.resolve(payloadOf(trigger, delivery, refs)),
      actor: { rights, way },
      job: { priority: DEFAULT_PRIORITY, trigger: trigger.id },
      requestId,
    });
    submit.emit(job.isReplayed ? claim.skipped : ingestedEvents(proven));
    return { kind: job.isReplayed ? 'skipped' : 'enqueued', jobId: job.runId };
  } catch (error) {
    const hasJob = (await runRecords(submit.ports.records).get(runId)) !== undefined;
    if (!hasJob) await dropAttachments(submit.ports, ports.attachments, runId);
    throw error;
  }
}

function ingestedEvents(proven: readonly Proven[]): readonly EventBody[] {
  if (proven.length === 0) return [];
  const attachments = proven.map(({ attachment, bytes }) => ({
    content_type: attachment.contentType,
    bytes: bytes.byteLength,
  }));
  const total = attachments.reduce((sum, { bytes }) => sum + bytes, 0);
  return [{ event: 'attachments_ingested', count: proven.length, total_bytes: total, attachments }];
}
