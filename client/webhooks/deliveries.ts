/** Lists, shows and repeats deliveries. Other tenants' deliveries are unknown. */
import { ulid } from 'ulid';
import { SkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import { demand, mayOperate } from '../../core/rights/operations.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import { deliveryRecords } from '../../core/webhooks/delivery-record.ts';
import type { DeliveryRecord } from '../../core/webhooks/delivery-record.ts';
import type { Trigger } from '../../core/webhooks/trigger.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import type { ClientPorts } from '../ports.ts';
import { acceptDelivery } from './accept-delivery.ts';
import type { Submission } from '../submit/submission.ts';
import { logDelivery, outcomeOf } from './delivery-log.ts';
import type { WebhookPorts } from './ports.ts';

const DELIVERY_ID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

export interface DeliveryFilter {
  readonly limit: number;
  readonly trigger?: string | undefined;
  /** The last delivery of the previous page. */
  readonly after?: string | undefined;
}

export interface DeliveryPage {
  readonly items: readonly DeliveryRecord[];
  /** `after` of the next page; absent on the last one. */
  readonly next?: string;
}

/** Newest first. Rejects as `mayOperate` rules, and with `unknown_delivery` if `after` cannot be the id of one. */
export async function listDeliveries(
  { records }: Pick<ClientPorts, 'records'>,
  rights: Rights,
  { limit, trigger, after: from }: DeliveryFilter,
): Promise<DeliveryPage> {
  demand(mayOperate(rights, 'runs:read'));
  if (from !== undefined && !DELIVERY_ID.test(from)) throw unknown(from);
  const found: DeliveryRecord[] = [];
  for (let after = from; found.length <= limit;) {
    const page = await deliveryRecords(records).list({ limit, ...(after === undefined ? {} : { after }) });
    const isWanted = (each: DeliveryRecord) =>
      each.tenant === rights.tenant && (trigger === undefined || each.trigger === trigger);
    found.push(...page.filter(isWanted));
    after = page.at(-1)?.id;
    if (page.length < limit) break;
  }
  const items = found.slice(0, limit);
  const next = found.length > limit ? items.at(-1)?.id : undefined;
  return next === undefined ? { items } : { items, next };
}

/** Resolves to the delivery and its body: JSON where it could be parsed, otherwise the text. Rejects with `unknown_delivery`. */
export async function showDelivery(
  { records }: Pick<ClientPorts, 'records'>,
  rights: Rights,
  id: string,
): Promise<{ readonly record: DeliveryRecord; readonly body: JsonValue }> {
  demand(mayOperate(rights, 'runs:read'));
  const record = await findDelivery({ records }, rights, id);
  const text = Buffer.from(await bodyOf({ records }, record)).toString();
  return { record, body: parsed(text) };
}

export interface Replayed {
  readonly jobId: string;
  readonly deliveryId: string;
}

/**
 * Enqueues the job of a delivery again, by the trigger as it is now, whatever became of the delivery. Signature and
 * idempotency key do not count. Rejects with `unknown_delivery`, `unknown_trigger`, with `usage` for one that has no job, and
 * as a delivery does.
 */
export async function replayDelivery(
  ports: WebhookPorts,
  actor: Submission['actor'],
  id: string,
): Promise<Replayed> {
  const { ports: clients } = ports.submit;
  await authorize(clients, actor, { operation: 'jobs:write' });
  const record = await findDelivery(clients, actor.rights, id);
  const body = await bodyOf(clients, record);
  const trigger = await triggerOf(ports, record.trigger);
  const deliveryId = ulid(clients.now());
  const log = { id: deliveryId, trigger, body, replayOf: record.id };
  try {
    const request = { deliveryId, body, header: () => undefined, way: actor.way, isReplay: true };
    const accepted = await acceptDelivery(ports, trigger, request);
    if (accepted.kind === 'challenged') {
      throw new SkillosError('usage', `Delivery "${record.id}" only asked for its challenge and has no job`);
    }
    await logDelivery(ports, { ...log, accepted });
    const after = { delivery: record.id, trigger: trigger.id };
    await recordAudit(clients, actor, { action: 'webhook_replayed', skill: trigger.skill, after });
    return { jobId: accepted.jobId, deliveryId };
  } catch (error) {
    await logDelivery(ports, { ...log, failed: outcomeOf(error) }).catch(() => undefined); // the first error is the one to report
    throw error;
  }
}

/** Rejects with `unknown_trigger`, and `trigger_file_invalid`. */
export async function triggerOf({ triggers }: Pick<WebhookPorts, 'triggers'>, id: string): Promise<Trigger> {
  const found = (await triggers()).triggers.find((trigger) => trigger.id === id);
  if (found !== undefined) return found;
  throw new SkillosError('unknown_trigger', `Unknown trigger ${JSON.stringify(id.slice(0, 100))}`);
}

async function findDelivery(
  { records }: Pick<ClientPorts, 'records'>,
  { tenant }: Rights,
  id: string,
): Promise<DeliveryRecord> {
  const record = DELIVERY_ID.test(id) ? await deliveryRecords(records).get(id) : undefined;
  if (record?.tenant === tenant) return record;
  throw unknown(id);
}

function unknown(id: string): SkillosError {
  return new SkillosError('unknown_delivery', `Unknown delivery ${JSON.stringify(id.slice(0, 100))}`);
}

async function bodyOf(
  { records }: Pick<ClientPorts, 'records'>,
  record: DeliveryRecord,
): Promise<Uint8Array> {
  const body = await deliveryRecords(records).bodyOf(record);
  if (body !== undefined) return new Uint8Array(Buffer.from(body, 'base64'));
  throw new SkillosError('unknown_delivery', `The body of delivery "${record.id}" is not kept any more`);
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}
