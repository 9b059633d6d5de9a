/** The processes that serve a deployment or copy it: each has a record in the storage while it lives. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isSkillosError } from '../../core/errors/errors.ts';
import { refuseIncomplete } from '../../core/storage/migration.ts';
import { pagesOf } from '../../core/storage/record-pages.ts';
import type { Records } from '../../core/storage/records.ts';
import {
  MIGRATING_KIND,
  SERVING_KIND,
  refuseOtherRoot,
  refuseWhileServing,
} from '../../core/storage/serving.ts';
import type { ServedRoot, ServingProcess, ServingRole } from '../../core/storage/serving.ts';
import { livenessOf, ownIdentity } from '../files/process-identity.ts';
import type { ProcessIdentity } from '../files/process-identity.ts';

/** `seenAt` is in Unix milliseconds. */
type ServingRecord = { readonly [Field in keyof ProcessIdentity]: ProcessIdentity[Field] } & {
  readonly role: ServingRole;
  readonly serves?: ServedRoot;
  readonly seenAt: number;
};

/** A process writes its record this often. */
const SEEN_EVERY_MS = 60_000;
/** A process of another host whose record does not change for so long has ended. */
const LOST_AFTER_MS = 3 * SEEN_EVERY_MS;
/** Faults that may pass: the process serves, and checks again with its next attempt. */
const PASSING = ['storage_unreachable', 'storage_full', 'lock_timeout'] as const;

export interface Store {
  readonly records: Records;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Waits so many milliseconds. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

export interface Serving {
  /** Resolves to the other processes that live. */
  others(): Promise<readonly ServingProcess[]>;
  close(): Promise<void>;
}

/** What a process tells the others about itself. */
type OwnPart = Pick<ServingProcess, 'role' | 'serves'>;

/**
 * For a worker, a server or gc. Rejects with `storage_in_use` during a migration, with `storage_incomplete` after one that was
 * interrupted, with `deployments_differ` beside a process that serves something else, and with a fault of the storage that lasts. If a fault that may pass kept it from checking, it checks later, and
 * calls `onRefused` with what it would have rejected with.
 */
export async function startServing(
  store: Store,
  own: OwnPart,
  onRefused: (error: unknown) => void,
): Promise<Serving> {
  const { serves } = own;
  const entry = await entryOf(store, own);
  let isChecked = false;
  const beat = async (): Promise<void> => {
    await entry.write();
    if (isChecked) return;
    const living = await servingProcesses(store, {
      own: entry.key,
      only: (other) => other.role === 'migration' || isOther(serves, other),
    });
    refuseWhileServing(living, ['migration']);
    if (serves !== undefined) refuseOtherRoot(living, serves);
    await refuseIncomplete(store.records);
    isChecked = true;
  };
  try {
    await beat();
  } catch (error) {
    if (!isPassing(error)) {
      await entry.remove();
      throw error;
    }
  }
  return serve(entry, () =>
    beat().catch((error: unknown) => {
      if (isChecked || isPassing(error)) return;
      isChecked = true; // it is told once
      onRefused(error);
    }),
  );
}

/** For a migration, which needs to be seen: rejects with any fault of the storage. */
export async function announceServing(store: Store, role: ServingRole): Promise<Serving> {
  const entry = await entryOf(store, { role });
  await entry.write();
  return serve(entry, () => entry.write().catch(() => undefined));
}

interface Entry {
  readonly store: Store;
  readonly key: string;
  readonly write: () => Promise<unknown>;
  /** Ignores faults: the process ends in any case. */
  readonly remove: () => Promise<unknown>;
}

async function entryOf(store: Store, own: OwnPart): Promise<Entry> {
  const { records, now } = store;
  const kind = own.role === 'migration' ? MIGRATING_KIND : SERVING_KIND;
  const key = randomBytes(8).toString('hex');
  const identity = await ownIdentity();
  const write = () =>
    records.update<ServingRecord>(kind, key, () => ({ ...identity, ...own, seenAt: now() }));
  const remove = () => records.update(kind, key, () => undefined).catch(() => undefined);
  return { store, key, write, remove };
}

function serve({ store, key, remove }: Entry, beat: () => Promise<unknown>): Serving {
  const timer = setInterval(() => void beat(), SEEN_EVERY_MS);
  timer.unref();
  return {
    others: () => servingProcesses(store, { own: key }),
    async close() {
      clearInterval(timer);
      await remove();
    },
  };
}

interface Wanted {
  /** The key of a record to leave out. */
  readonly own?: string;
  /** Default: all. */
  readonly kinds?: readonly string[];
  /** Others are ignored, unless they are known to have ended. */
  readonly only?: (other: OwnPart) => boolean;
}

/**
 * Resolves to the processes that live; removes the records that others have left behind. Clocks
 * of hosts may differ: a process of another host that seems to be late is watched until its record changes, or for 3 minutes.
 */
export async function servingProcesses(
  store: Store,
  { own, kinds = [SERVING_KIND, MIGRATING_KIND], only = () => true }: Wanted = {},
): Promise<readonly ServingProcess[]> {
  const { records, pause = delay } = store;
  const known = (await Promise.all(kinds.map((kind) => otherProcesses(store, kind, own)))).flat();
  const found = known.filter(({ value, state }) => state === 'dead' || only(value));
  if (found.some(({ state }) => state === 'late')) await pause(LOST_AFTER_MS);
  const living: ServingProcess[] = [];
  for (const each of found) {
    const { role, host, pid, serves } = each.value;
    if (each.state === 'alive' || (await hasChanged(records, each)))
      living.push({ role, host, pid, ...(serves !== undefined && { serves }) });
  }
  return living;
}

/** For people who wait for `Store.pause`. */
export function watchingText(ms: number): string {
  return `A process on another host may have ended: watching its record for ${ms / 60_000} minutes`;
}

interface KnownProcess {
  readonly kind: string;
  readonly key: string;
  readonly value: ServingRecord;
  readonly state: 'alive' | 'dead' | 'late';
}

async function otherProcesses(
  { records, now }: Store,
  kind: string,
  own?: string,
): Promise<readonly KnownProcess[]> {
  const known: KnownProcess[] = [];
  for await (const page of pagesOf<ServingRecord>(records, kind)) {
    for (const { key, value } of page)
      if (key !== own) known.push({ kind, key, value, state: await stateOf(value, now()) });
  }
  return known;
}

/** Removes the record unless its process has written it since. */
async function hasChanged(records: Records, { kind, key, value }: KnownProcess): Promise<boolean> {
  const left = await records.update<ServingRecord>(kind, key, (current) =>
    current?.seenAt === value.seenAt ? undefined : current,
  );
  return left !== undefined;
}

async function stateOf(process: ServingRecord, now: number): Promise<KnownProcess['state']> {
  const liveness = await livenessOf(process);
  if (liveness !== 'foreign') return liveness;
  return Math.abs(now - process.seenAt) < LOST_AFTER_MS ? 'alive' : 'late';
}

function isPassing(error: unknown): boolean {
  return PASSING.some((code) => isSkillosError(error, code));
}

function isOther(own: ServedRoot | undefined, { serves }: OwnPart): boolean {
  return own !== undefined && serves !== undefined && serves !== own;
}
