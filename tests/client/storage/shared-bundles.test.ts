/** Which bundles of the storage are removed. */
import { removeOldBundles } from '../../../client/storage/shared-bundles.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Stored } from '../../../core/storage/records.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const [before, now] = ['2026-05-01T00:00:00.000Z', '2026-06-01T00:00:00.000Z'];
const OLD = '2026-01-01T00:00:00.000Z';

/** Bundles that were used at these times, by key; the code of each is named after it. */
async function aStore(usedAt: Readonly<Record<string, string | undefined>>, held: readonly string[] = []) {
  const records = memoryRecords();
  for (const [key, at] of Object.entries(usedAt))
    await records.update('bundles', key, () => ({ code: `code of ${key}`, ...(at && { usedAt: at }) }));
  const read: string[] = [];
  const get = async (id: string) => {
    read.push(id);
    if (id === 'lost') throw new SkillosError('blob_unavailable', 'gone');
    return {
      format: 1,
      files: {},
      code: Object.fromEntries(held.map((hash) => [`test/${hash}`, hash])),
    } as const;
  };
  const removeUnchanged = async <T extends JsonObject>(kind: string, documents: readonly Stored<T>[]) => {
    for (const { key } of documents) await records.update(kind, key, () => undefined);
    return documents.map(({ key }) => key);
  };
  return { records: { ...records, removeUnchanged }, contents: { get }, read };
}

const remove = async (
  store: Awaited<ReturnType<typeof aStore>>,
  { deployments = ['d'], isDryRun = false }: { deployments?: readonly string[]; isDryRun?: boolean } = {},
) => {
  const { removed, code, unreadable } = await removeOldBundles(store, {
    before,
    now,
    deployments: new Set(deployments),
    isDryRun,
  });
  const left = await store.records.list('bundles');
  return {
    removed,
    code: [...code].sort(),
    unreadable,
    left: Object.fromEntries(left.map(({ key, value }) => [key, value['usedAt']])),
  };
};

test('removes what nobody has used since and no deployment holds', async () => {
  const store = await aStore({ held: OLD, used: before, unused: OLD }, ['held']);
  const expected = { removed: 1, code: ['code of held', 'code of used'], unreadable: [] };
  expect(await remove(store, { isDryRun: true })).toEqual({
    ...expected,
    left: { held: OLD, used: before, unused: OLD },
  });
  expect(await remove(store)).toEqual({ ...expected, left: { held: now, used: before } });
});

test('reads deployments only to decide about bundles that nobody has used', async () => {
  const store = await aStore({ held: OLD, used: now }, ['held']);
  await remove(store, { deployments: ['d', 'e'] });
  await remove(store, { deployments: ['d', 'e'] });
  expect(store.read).toEqual(['d']);
});

test('keeps a bundle of an earlier release, and begins to record its use', async () => {
  const store = await aStore({ a: undefined });
  expect(await remove(store)).toEqual({ removed: 0, code: ['code of a'], unreadable: [], left: { a: now } });
});

test('removes nothing while the content of a deployment is lost, and names the deployment each time', async () => {
  const store = await aStore({ a: OLD, held: OLD }, ['held']);
  for (const [isDryRun, held] of [
    [true, OLD],
    [false, now],
    [false, now],
  ] as const)
    expect(await remove(store, { deployments: ['lost', 'd'], isDryRun })).toEqual({
      removed: 0,
      code: ['code of a', 'code of held'],
      unreadable: ['lost'],
      left: { a: OLD, held },
    });
  expect(await remove(store)).toMatchObject({ removed: 1, unreadable: [], left: { held: now } });
});

test('keeps the code of a bundle that is used meanwhile', async () => {
  const store = await aStore({ a: OLD });
  const changed = { ...store, records: { ...store.records, removeUnchanged: async () => [] } };
  expect(await remove(changed)).toMatchObject({ removed: 0, code: ['code of a'] });
});
