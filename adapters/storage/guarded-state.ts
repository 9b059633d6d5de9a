/** Keeps commands from changing a storage while it is copied: what they change then would be lost with the source. */
import { refuseIncomplete } from '../../core/storage/migration.ts';
import { MIGRATING_KIND, refuseWhileServing } from '../../core/storage/serving.ts';
import { servingProcesses } from './serving.ts';
import type { Store } from './serving.ts';
import type { State } from './state.ts';

/** A process that changes more looks again after this time. */
const CHECK_EVERY_MS = 1000;
/** Usually enough for a change that began in that time; it can wait longer, such as 10 s for a lock. */
const MARGIN_MS = 2000;
/**
 * A migration waits for this time after it has written its record, then it copies. It finds a change that ends later when it
 * compares; one that ends after the comparison is lost.
 */
export const SETTLED_AFTER_MS = CHECK_EVERY_MS + MARGIN_MS;

/** Every change rejects with `storage_in_use` during a migration, and with `storage_incomplete` after one that was interrupted. */
export function guardedState(state: State, clock: Omit<Store, 'records'>): State {
  const { records, journal, blobs, attachments, inventory } = state;
  let checking: Promise<void> | undefined;
  /** Of `performance.now`; callers of a check in progress share it, so that they stay in order. */
  let freshUntil = 0;

  async function check(): Promise<void> {
    const begun = performance.now();
    freshUntil = Infinity;
    try {
      refuseWhileServing(await servingProcesses({ records, ...clock }, { kinds: [MIGRATING_KIND] }));
      await refuseIncomplete(records);
      freshUntil = begun + CHECK_EVERY_MS;
    } catch (error) {
      freshUntil = 0;
      throw error;
    }
  }

  function checked(): Promise<void> {
    if (checking === undefined || performance.now() >= freshUntil) checking = check();
    return checking;
  }

  return {
    ...state,
    records: {
      ...records,
      update: async (...change) => (await checked(), records.update(...change)),
      removeUnchanged: async (...removal) => (await checked(), records.removeUnchanged(...removal)),
    },
    journal: { ...journal, append: async (...entries) => (await checked(), journal.append(...entries)) },
    blobs: {
      ...blobs,
      put: async (bytes) => (await checked(), blobs.put(bytes)),
      touch: async (hashes) => (await checked(), blobs.touch(hashes)),
      removeUnused: async (...removal) => (await checked(), blobs.removeUnused(...removal)),
    },
    attachments: {
      ...attachments,
      write: async (files) => (await checked(), attachments.write(files)),
      remove: async (refs) => (await checked(), attachments.remove(refs)),
    },
    inventory: { ...inventory, removeLogs: async (logs) => (await checked(), inventory.removeLogs(logs)) },
  };
}
