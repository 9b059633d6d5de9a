import { announceServing, servingProcesses, startServing } from '../../../adapters/storage/serving.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const now = () => 1_000_000_000;
const elsewhere = { host: 'b', boot: 'b', namespace: 'n', pid: 7, started: '1' };
const store = () => ({ records: memoryRecords(), now });

test('lists the processes that live, and forgets those that have ended', async () => {
  const { records } = store();
  const own = await announceServing({ records, now }, 'server');
  const other = await announceServing({ records, now }, 'worker');
  await expect(own.others()).resolves.toMatchObject([{ role: 'worker', pid: process.pid }]);
  await records.update('processes', 'late', () => ({
    ...elsewhere,
    role: 'worker',
    seenAt: now() - 200_000,
  }));
  await records.update('processes', 'live', () => ({
    ...elsewhere,
    role: 'server',
    seenAt: now() - 100_000,
  }));
  await other.close();
  await expect(own.others()).resolves.toEqual([{ role: 'server', host: 'b', pid: 7 }]);
  await expect(records.get('processes', 'late')).resolves.toBeUndefined();
  await own.close();
  await expect(servingProcesses({ records, now })).resolves.toHaveLength(1);
});

test('no worker starts during a migration, and leaves no record then', async () => {
  const { records } = store();
  const migration = await announceServing({ records, now }, 'migration');
  await expect(startServing({ records, now }, 'worker')).rejects.toMatchObject({ code: 'storage_in_use' });
  await expect(migration.others()).resolves.toEqual([]);
  await migration.close();
  const worker = await startServing({ records, now }, 'worker');
  await worker.close();
});
