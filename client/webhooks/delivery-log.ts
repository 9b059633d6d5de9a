/** Writes deliveries to their log. */
import { ERROR_CODES } from '../../core/errors/error-codes.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { isoTime } from '../../core/values/iso-time.ts';
import { tenantOfProcess } from '../../core/values/tenant.ts';
import { deliveryRecords } from '../../core/webhooks/delivery-record.ts';
import type { DeliveryRecord } from '../../core/webhooks/delivery-record.ts';
import type { Trigger } from '../../core/webhooks/trigger.ts';
import type { Accepted } from './accept-delivery.ts';
import type { WebhookPorts } from './ports.ts';

/** The end of a delivery that was not accepted. */
export interface FailedDelivery {
  readonly status: 'rejected' | 'failed';
  readonly httpStatus: number;
  readonly reason: string;
  /** True if the sender has to change something. */
  readonly isRefusal: boolean;
}

interface Logged {
  readonly id: string;
  readonly trigger: Trigger;
  readonly body: Uint8Array;
  readonly accepted?: Accepted;
  readonly failed?: FailedDelivery;
  readonly replayOf?: string;
}

const REFUSALS = new Set([400, 401, 413, 422, 429]);

export function outcomeOf(error: unknown): FailedDelivery {
  const reason = error instanceof SkillosError ? error.code : 'internal';
  const httpStatus = ERROR_CODES[reason].http;
  const isRefusal = REFUSALS.has(httpStatus);
  return { status: isRefusal ? 'rejected' : 'failed', httpStatus, reason, isRefusal };
}

/** Durable when it resolves. */
export async function logDelivery(
  { submit, settings }: Pick<WebhookPorts, 'submit' | 'settings'>,
  { id, trigger, body, accepted, failed, replayOf }: Logged,
): Promise<void> {
  const { records, now } = submit.ports;
  const jobId = accepted?.kind === 'enqueued' || accepted?.kind === 'skipped' ? accepted.jobId : undefined;
  const record: DeliveryRecord = {
    id,
    trigger: trigger.id,
    skill: trigger.skill,
    tenant: tenantOfProcess(settings),
    at: isoTime(now()),
    status: accepted?.kind ?? failed?.status ?? 'failed',
    ...(failed === undefined ? {} : { reason: failed.reason }),
    ...(jobId === undefined ? {} : { jobId }),
    ...(replayOf === undefined ? {} : { replayOf }),
    bytes: body.byteLength,
  };
  const log = deliveryRecords(records);
  await log.add(record, Buffer.from(body).toString('base64'));
  if (isTimeToSweep(id)) await log.sweep(now()).catch(() => undefined); // later deliveries sweep again
}

/** One delivery in 32, by the random end of its id. */
function isTimeToSweep(id: string): boolean {
  return id.endsWith('0');
}
