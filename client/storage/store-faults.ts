/** Finds what a store can no longer read, before it is copied. */
import { SkillosError } from '../../core/errors/errors.ts';
import { forEachOf } from './merged-names.ts';
import { copiedKinds, piecesOf, unlessDamaged } from './store-copy.ts';
import type { Store, StoreCopy } from './store-copy.ts';

export interface StoreFault {
  readonly part: 'record' | 'log' | 'blob';
  /** `<kind>/<key>` of a record, the name of a log, or a hash. */
  readonly name: string;
  /** Number of damaged lines of a log. */
  readonly lines?: number;
  /** The first record that names the damaged blob. */
  readonly neededBy?: string;
  /** True for the output of a skill and its kept calls, and for a blob that no record names: a copy may leave it out. */
  readonly mayBeSkipped: boolean;
}

/** Logs of which a damaged line is a loss for people who look at one run, and decides nothing. */
const SKIPPED_LOGS = /^(runs|exchanges)\//;
const HASH = /[0-9a-f]{64}/g;
const RECORDS_AT_ONCE = 16;
const LOGS_AT_ONCE = 8;
const BLOBS_AT_ONCE = 2;

/** Reads everything. Rejects only with faults that say nothing about the store, such as `storage_unreachable`. */
export async function faultsOf(store: Store): Promise<readonly StoreFault[]> {
  const blobs = await damagedBlobs(store);
  const faults: StoreFault[] = [];
  const neededBy = new Map<string, string>();
  for (const kind of await copiedKinds(store.inventory)) {
    await forEachOf(store.inventory.keys(kind), RECORDS_AT_ONCE, async (key) => {
      const name = `${kind}/${key}`;
      const text = await unlessDamaged(
        store.records.get(kind, key).then((record) => JSON.stringify(record ?? {})),
      );
      if (text === undefined) faults.push({ part: 'record', name, mayBeSkipped: false });
      else if (blobs.size > 0)
        for (const [hash] of text.matchAll(HASH)) if (blobs.has(hash)) neededBy.set(hash, name);
    });
  }
  await forEachOf(store.inventory.logs(), LOGS_AT_ONCE, async (name) => {
    let lines = 0;
    for await (const _piece of piecesOf(store.journal, name, () => (lines += 1)));
    if (lines > 0) faults.push({ part: 'log', name, lines, mayBeSkipped: SKIPPED_LOGS.test(name) });
  });
  for (const name of blobs) {
    const record = neededBy.get(name);
    const isNeeded = record !== undefined;
    faults.push({ part: 'blob', name, mayBeSkipped: !isNeeded, ...(isNeeded && { neededBy: record }) });
  }
  return faults;
}

/** The damaged parts that a copy leaves out. Throws `state_corrupt` if one must not be left out. */
export function skippedOf(faults: readonly StoreFault[]): Pick<StoreCopy, 'skippedLogs' | 'skippedBlobs'> {
  const refused = faults.filter(({ mayBeSkipped }) => !mayBeSkipped);
  const [first] = refused;
  if (first !== undefined) {
    throw new SkillosError(
      'state_corrupt',
      `A copy must not leave out the damaged ${first.part} "${first.name}" (${refused.length} such parts); nothing was copied`,
      { hint: 'See all of them with --dry-run; restore them from a backup' },
    );
  }
  const namesOf = (part: StoreFault['part']) =>
    new Set(faults.filter((fault) => fault.part === part).map(({ name }) => name));
  return { skippedLogs: namesOf('log'), skippedBlobs: namesOf('blob') };
}

async function damagedBlobs({ blobs, inventory }: Store): Promise<ReadonlySet<string>> {
  const damaged = new Set<string>();
  await forEachOf(inventory.blobs(), BLOBS_AT_ONCE, async (hash) => {
    if ((await unlessDamaged(blobs.get(hash))) === undefined) damaged.add(hash);
  });
  return damaged;
}
