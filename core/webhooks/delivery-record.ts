/** The log of deliveries whose signature was right. Refused ones are in the event log alone: anybody can send those. */
import type { JsonObject, JsonValue } from '../json.ts';
import type { Records } from '../storage/records.ts';
import { isoTime, msOf } from '../values/iso-time.ts';

export interface DeliveryRecord {
  /** A ULID. */
  readonly id: string;
  readonly trigger: string;
  readonly skill: string;
  readonly tenant: string;
  /** ISO 8601. */
  readonly at: string;
  readonly status: 'enqueued' | 'skipped' | 'challenged' | 'rejected' | 'failed';
  /** Error code of a delivery that was rejected or failed. */
  readonly reason?: string;
  readonly jobId?: string;
  /** The delivery that this one repeats. */
  readonly replayOf?: string;
  readonly bytes: number;
  /** The raw body in base64, because it need not be text; a large one is in a record of its own. */
  readonly body?: string;
}

/** Deliveries are deleted with their bodies after this time. */
const DELIVERY_KEPT_MS = 7 * 86_400_000;

const KIND = 'deliveries';
const BODIES = 'delivery-bodies';
/** Lists read whole records, so that these stay small. */
const INLINE_MAX_CHARS = 16 * 1024;
/** Number of old deliveries that each sweep deletes at most. */
const SWEPT = 100;

type Stored = JsonObject & DeliveryRecord; // plain JSON by its type

export interface DeliveryRecords {
  get(id: string): Promise<DeliveryRecord | undefined>;
  /** `body` is the raw body in base64. Headers, and so signatures, are not kept. */
  add(record: DeliveryRecord, body: string): Promise<void>;
  /** In base64; undefined if it has been deleted. */
  bodyOf(record: DeliveryRecord): Promise<string | undefined>;
  /** Newest first; `after` is an id, exclusive. */
  list(page: { readonly limit: number; readonly after?: string }): Promise<readonly DeliveryRecord[]>;
  /** Deletes some of those that are older than `DELIVERY_KEPT_MS`. */
  sweep(now: number): Promise<void>;
}

export function deliveryRecords(records: Records): DeliveryRecords {
  return {
    get: (id) => records.get<Stored>(KIND, id),
    add: async (record, body) => {
      const isInline = body.length <= INLINE_MAX_CHARS;
      if (!isInline)
        await records.update<{ body: string }>(BODIES, record.id, (current) => current ?? { body });
      const stored = (isInline ? { ...record, body } : record) as Stored;
      await records.update<Stored>(KIND, record.id, (current) => current ?? stored);
    },
    bodyOf: async ({ id, body }) => body ?? (await records.get<{ body: string }>(BODIES, id))?.body,
    list: async ({ limit, ...page }) => {
      const stored = await records.list<Stored>(KIND, { limit, descending: true, ...page });
      return stored.map(({ value }) => value);
    },
    sweep: async (now) => {
      for (const { key, value } of await records.list<Stored>(KIND, { limit: SWEPT })) {
        if (msOf(value.at) > now - DELIVERY_KEPT_MS) return;
        await records.update<JsonObject>(BODIES, key, () => undefined);
        await records.update<Stored>(KIND, key, () => undefined);
      }
    },
  };
}

/** A delivery for lists. */
export function deliveryItem({
  id,
  trigger,
  skill,
  at,
  status,
  reason,
  jobId,
  replayOf,
  bytes,
}: DeliveryRecord) {
  return {
    id,
    trigger,
    skill,
    at,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(jobId === undefined ? {} : { job_id: jobId }),
    ...(replayOf === undefined ? {} : { replay_of: replayOf }),
    bytes,
  } satisfies JsonObject;
}

/** A delivery with its body, which is JSON where it could be parsed. */
export function deliveryDocument(record: DeliveryRecord, body: JsonValue) {
  return {
    schema: 'skillos.delivery/v1',
    ...deliveryItem(record),
    kept_until: isoTime(msOf(record.at) + DELIVERY_KEPT_MS),
    body,
  } satisfies JsonObject;
}
