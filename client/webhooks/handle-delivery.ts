/**
 * Receives a delivery, the same way for the API and the command line: trigger, signature, rate limit, JSON, attachments,
 * idempotency key, job. A delivery that is refused at any of them leaves nothing behind but its line in the logs.
 */
import { ulid } from 'ulid';
import type { SkillosError } from '../../core/errors/errors.ts';
import type { EventBody } from '../../core/telemetry/events.ts';
import type { Trigger } from '../../core/webhooks/trigger.ts';
import { acceptDelivery } from './accept-delivery.ts';
import type { Accepted } from './accept-delivery.ts';
import { admit, limitTrigger } from './admit.ts';
import type { Admission, Received } from './admit.ts';
import { logDelivery, outcomeOf } from './delivery-log.ts';
import type { WebhookPorts } from './ports.ts';
import { rejection } from './rejection.ts';

export interface Delivered extends Received {
  readonly way: 'api' | 'cli';
  /** Replaces the key that the delivery holds. */
  readonly key?: string | undefined;
  /** A ULID; names the delivery, and the job that it enqueues. */
  readonly deliveryId?: string | undefined;
}

export type DeliveryOutcome =
  | (Accepted & { readonly deliveryId: string })
  /** `fault` is for the operator alone; the sender gets `error`. */
  | { readonly kind: 'rejected'; readonly error: SkillosError; readonly fault: string };

/** Rejects if something that it needs is away; the delivery can be sent again then. */
export async function handleDelivery(ports: WebhookPorts, delivered: Delivered): Promise<DeliveryOutcome> {
  const admission = await admit(ports, delivered);
  if (admission.kind === 'refused') {
    emitReceived(ports, { triggerId: delivered.triggerId, admission });
    return { kind: 'rejected', ...rejection(admission.fault) };
  }
  const { trigger } = admission;
  const deliveryId = delivered.deliveryId ?? ulid(ports.submit.ports.now());
  try {
    await limitTrigger(ports, trigger);
  } catch (error) {
    emitOutcome(ports, trigger, outcomeOf(error));
    return asRejected(error);
  }
  return received(ports, trigger, { ...delivered, deliveryId });
}

async function received(
  ports: WebhookPorts,
  trigger: Trigger,
  delivered: Delivered & { readonly deliveryId: string },
): Promise<DeliveryOutcome> {
  const { deliveryId, body } = delivered;
  const log = { id: deliveryId, trigger, body };
  try {
    const accepted = await acceptDelivery(ports, trigger, delivered);
    await logDelivery(ports, { ...log, accepted }).catch(() => undefined); // the job exists, whatever its log says
    emitOutcome(ports, trigger, {
      status: accepted.kind,
      httpStatus: accepted.kind === 'enqueued' ? 202 : 200,
    });
    return { ...accepted, deliveryId };
  } catch (error) {
    const outcome = outcomeOf(error);
    await logDelivery(ports, { ...log, failed: outcome }).catch(() => undefined); // the first error is the one to report
    emitOutcome(ports, trigger, outcome);
    return asRejected(error);
  }
}

/** Returns the refusal; throws an error that is no fault of the sender. */
function asRejected(error: unknown): DeliveryOutcome {
  const { isRefusal, reason } = outcomeOf(error);
  if (!isRefusal) throw error;
  return { kind: 'rejected', error: error as SkillosError, fault: reason }; // `outcomeOf` saw its code
}

function emitReceived(
  { submit }: WebhookPorts,
  refused: {
    readonly triggerId: string;
    readonly admission: Extract<Admission, { readonly kind: 'refused' }>;
  },
): void {
  const { triggerId, admission } = refused;
  submit.emit([
    {
      event: 'webhook_received',
      trigger_id: triggerId.slice(0, 100),
      skill_id: admission.trigger?.skill ?? null,
      status: 'rejected',
      status_code: 401,
      reason: admission.fault,
    },
  ]);
}

function emitOutcome(
  { submit }: WebhookPorts,
  { id, skill }: Trigger,
  {
    status,
    httpStatus,
    reason,
  }: { readonly status: string; readonly httpStatus: number; readonly reason?: string },
): void {
  const isAccepted = httpStatus < 300;
  const event: EventBody = {
    event: 'webhook_received',
    trigger_id: id,
    skill_id: skill,
    status: isAccepted ? 'accepted' : httpStatus === 429 ? 'rate_limited' : 'rejected',
    status_code: httpStatus,
    ...(isAccepted ? { reason: status } : reason === undefined ? {} : { reason }),
  };
  submit.emit([event]);
}
