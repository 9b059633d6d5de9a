/** The processes that serve a deployment or copy it: each has a record in the storage while it lives. */
import { randomBytes } from 'node:crypto';
import { isSkillosError } from '../../core/errors/errors.ts';
import { refuseIncomplete } from '../../core/storage/migration.ts';
import type { Records } from '../../core/storage/records.ts';
import { SERVING_KIND, refuseWhileServing } from '../../core/storage/serving.ts';
import type { ServingProcess, ServingRole } from '../../core/storage/serving.ts';
import { livenessOf, ownIdentity } from '../files/process-identity.ts';
import type { ProcessIdentity } from '../files/process-identity.ts';

/** `seenAt` is in Unix milliseconds. */
type ServingRecord = { readonly [Field in keyof ProcessIdentity]: ProcessIdentity[Field] } & {
  readonly role: ServingRole;
  readonly seenAt: number;
};

/** A process writes its record this often. */
const SEEN_EVERY_MS = 60_000;
/** A process of another host that was seen longer ago counts as ended. */
const LOST_AFTER_MS = 3 * SEEN_EVERY_MS;
const MAX_PROCESSES = 1000;
/** Faults that may pass: the process serves, and says so with its next attempt. */
const PASSING = ['storage_unreachable', 'storage_full', 'lock_timeout'] as const;

export interface Store {
  readonly records: Records;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export interface Serving {
  /** Resolves to the other processes that live. */
  others(): Promise<readonly ServingProcess[]>;
  close(): Promise<void>;
}

/**
 * For a worker or a server. Rejects with `storage_in_use` during a migration, with `storage_incomplete` after one that was
 * interrupted, and with a fault of the storage that lasts.
 */
export async function startServing(store: Store, role: ServingRole): Promise<Serving> {
  const serving = await announceServing(store, role);
  try {
    refuseWhileServing(await serving.others().catch(nobodyIfPassing), ['migration']);
    await refuseIncomplete(store.records).catch(nobodyIfPassing);
    return serving;
  } catch (error) {
    await serving.close();
    throw error;
  }
}

/** Rejects with a fault of the storage that lasts. */
export async function announceServing({ records, now }: Store, role: ServingRole): Promise<Serving> {
  const key = randomBytes(8).toString('hex');
  const identity = await ownIdentity();
  const write = () =>
    records.update<ServingRecord>(SERVING_KIND, key, () => ({ ...identity, role, seenAt: now() }));
  await write().catch(nobodyIfPassing);
  const timer = setInterval(() => void write().catch(() => undefined), SEEN_EVERY_MS);
  timer.unref();
  return {
    others: () => servingProcesses({ records, now }, key),
    async close() {
      clearInterval(timer);
      await records.update(SERVING_KIND, key, () => undefined).catch(() => undefined); // its process ends in any case
    },
  };
}

/** Resolves to the processes that live, without the record `own`; removes the records of those that ended without. */
export async function servingProcesses(
  { records, now }: Store,
  own?: string,
): Promise<readonly ServingProcess[]> {
  const found = await records.list<ServingRecord>(SERVING_KIND, { limit: MAX_PROCESSES });
  const living: ServingProcess[] = [];
  for (const { key, value } of found) {
    if (key === own) continue;
    if (await isLiving(value, now())) living.push({ role: value.role, host: value.host, pid: value.pid });
    else await records.update(SERVING_KIND, key, () => undefined);
  }
  return living;
}

function nobodyIfPassing(error: unknown): readonly ServingProcess[] {
  if (PASSING.some((code) => isSkillosError(error, code))) return [];
  throw error;
}

async function isLiving(process: ServingRecord, now: number): Promise<boolean> {
  const liveness = await livenessOf(process);
  return liveness === 'foreign' ? now - process.seenAt < LOST_AFTER_MS : liveness === 'alive';
}
