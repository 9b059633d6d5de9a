/** Removes bundles from the storage that hosts share: those that nobody has used for long, and that no deployment holds. */
import type { DeploymentContents } from '../../core/deployments/content.ts';
import { BUNDLES_KIND } from '../../core/runs/skill-host.ts';
import type { SharedBundle } from '../../core/runs/skill-host.ts';
import type { JsonObject } from '../../core/json.ts';
import { pagesOf } from '../../core/storage/record-pages.ts';
import type { RecordRemoval, Records, Stored } from '../../core/storage/records.ts';
import { forEachOf } from './merged-names.ts';
import { unlessDamaged } from './store-copy.ts';

export interface BundleStore {
  readonly records: Records & RecordRemoval;
  readonly contents: Pick<DeploymentContents, 'get'>;
}

export interface BundleLimits {
  /** Bundles that were last used before it are removed unless a deployment holds them; ISO 8601. */
  readonly before: string;
  /** ISO 8601. */
  readonly now: string;
  /** Ids of the deployments that can be activated. */
  readonly deployments: ReadonlySet<string>;
  readonly isDryRun: boolean;
}

export interface OldBundles {
  readonly removed: number;
  /** Hashes of the blobs with the code of the others. */
  readonly code: ReadonlySet<string>;
  /** Ids of deployments whose content is lost or damaged: they may hold any bundle, so none was removed. */
  readonly unreadable: readonly string[];
}

type Bundle = Stored<JsonObject & SharedBundle>;

const REMOVED_AT_ONCE = 500;
const RECORDED_AT_ONCE = 4;

export async function removeOldBundles(store: BundleStore, limits: BundleLimits): Promise<OldBundles> {
  const { records } = store;
  const code = new Set<string>();
  const untimed: Bundle[] = [];
  const unused = new Map<string, Bundle>();
  for await (const page of pagesOf<Bundle['value']>(records, BUNDLES_KIND)) {
    for (const bundle of page) {
      const { usedAt } = bundle.value;
      if (usedAt !== undefined && usedAt < limits.before) unused.set(bundle.key, bundle);
      else code.add(bundle.value.code);
      if (usedAt === undefined) untimed.push(bundle);
    }
  }
  const { held, unreadable } = await takeHeld(store, unused, limits.deployments);
  for (const { value } of held) code.add(value.code);
  if (unreadable.length > 0) {
    for (const { value } of unused.values()) code.add(value.code);
    unused.clear(); // no use is recorded, so that the next call names the deployments too
  }
  if (limits.isDryRun) return { removed: unused.size, code, unreadable };
  await forEachOf([...untimed, ...held], RECORDED_AT_ONCE, ({ key }) => recordUse(records, key, limits.now));
  return { removed: await removeAll(records, [...unused.values()], code), code, unreadable };
}

/** Takes those out of `unused` that a deployment holds. */
async function takeHeld(
  { contents }: BundleStore,
  unused: Map<string, Bundle>,
  deployments: ReadonlySet<string>,
): Promise<{ readonly held: readonly Bundle[]; readonly unreadable: readonly string[] }> {
  const held: Bundle[] = [];
  const unreadable: string[] = [];
  for (const id of deployments) {
    if (unused.size === 0) break;
    const content = await unlessDamaged(contents.get(id));
    if (content === undefined) unreadable.push(id);
    for (const hash of Object.values(content?.code ?? {})) {
      const bundle = unused.get(hash);
      if (bundle !== undefined) held.push(bundle);
      unused.delete(hash);
    }
  }
  return { held, unreadable };
}

/** So that the next calls need not read the deployments for it. */
async function recordUse(records: Records, key: string, now: string): Promise<void> {
  await records.update<Bundle['value']>(
    BUNDLES_KIND,
    key,
    (current) => current && { ...current, usedAt: now },
  );
}

/** Adds the code of those to `code` that somebody has used meanwhile. Resolves to the number of the others. */
async function removeAll(
  records: RecordRemoval,
  bundles: readonly Bundle[],
  code: Set<string>,
): Promise<number> {
  let count = 0;
  for (let from = 0; from < bundles.length; from += REMOVED_AT_ONCE) {
    const some = bundles.slice(from, from + REMOVED_AT_ONCE);
    const removed = new Set(await records.removeUnchanged(BUNDLES_KIND, some));
    count += removed.size;
    for (const { key, value } of some) if (!removed.has(key)) code.add(value.code);
  }
  return count;
}
