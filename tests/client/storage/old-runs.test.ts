import { ulid } from 'ulid';
import { removeOldRuns } from '../../../client/storage/old-runs.ts';
import { markRepeated } from '../../../client/submit/rerun.ts';
import { runRecords } from '../../../core/runs/run-records.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Stored } from '../../../core/storage/records.ts';
import { runLogName } from '../../../core/values/run-id.ts';
import { aRecord } from '../../support/builders.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const now = Date.parse('2026-06-01T00:00:00Z');
const since = '2026-05-01T00:00:00.000Z';

function aStore(beforeRemoval: () => Promise<void> = async () => undefined) {
  const records = memoryRecords();
  const logs: string[] = [];
  const removeUnchanged = async <T extends JsonObject>(kind: string, documents: readonly Stored<T>[]) => {
    await beforeRemoval();
    const removed: string[] = [];
    for (const { key, value } of documents) {
      const same = JSON.stringify(await records.get(kind, key)) === JSON.stringify(value);
      if (same) await records.update(kind, key, () => undefined);
      if (same) removed.push(key);
    }
    return removed;
  };
  const inventory = { removeLogs: async (names: readonly string[]) => void logs.push(...names) };
  return { records: { ...records, removeUnchanged }, inventory, logs };
}

const collect = (store: ReturnType<typeof aStore>) =>
  removeOldRuns(store, {
    since,
    now,
    isDryRun: false,
    beforeRemoval: async () => undefined,
    onProgress: () => undefined,
  });

test('keeps a run that somebody asks to repeat meanwhile, with what it used', async () => {
  const endedAt = '2026-01-01T00:00:00.000Z';
  const id = `test.echo-${ulid(Date.parse(endedAt))}`;
  const store = aStore(() => markRepeated({ records: store.records, now: () => now }, id));
  await runRecords(store.records).open(aRecord({ id, status: 'success', createdAt: endedAt, endedAt }));
  await expect(collect(store)).resolves.toMatchObject({ removed: 0, kept: 1, oldest: { id } });
  await expect(collect(store)).resolves.toMatchObject({ removed: 0, kept: 1 });
});

test('counts the runs of each tenant, whatever its name', async () => {
  const store = aStore();
  const endedAt = '2026-01-01T00:00:00.000Z';
  for (const tenant of ['constructor', '__proto__', 'constructor']) {
    const id = `test.echo-${ulid(Date.parse(endedAt))}`;
    const record = aRecord({ id, tenant, status: 'success', createdAt: endedAt, endedAt });
    await runRecords(store.records).open(record);
  }
  const { byTenant } = await collect(store);
  expect(new Map(byTenant)).toEqual(
    new Map([
      ['constructor', 2],
      ['__proto__', 1],
    ]),
  );
});

test('refuses to repeat a run that is gone', async () => {
  await expect(markRepeated({ records: aStore().records, now: () => now }, 'x')).rejects.toMatchObject({
    code: 'unknown_run',
  });
});

test('leaves a removal to the call that began it within the last hour', async () => {
  const store = aStore();
  const begun = ulid(now - 60_000);
  await store.records.update('removals', begun, () => ({ runs: ['a'] }));
  await store.records.update('removals', ulid(now - 7_200_000), () => ({ runs: ['b'] }));
  await collect(store);
  expect(store.logs).toContain(runLogName('b'));
  expect(store.logs).not.toContain(runLogName('a'));
  await expect(store.records.list('removals')).resolves.toMatchObject([{ key: begun }]);
});
