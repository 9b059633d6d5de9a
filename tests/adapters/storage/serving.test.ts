import { hostname } from 'node:os';
import { announceServing, servingProcesses, startServing } from '../../../adapters/storage/serving.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import type { Records } from '../../../core/storage/records.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const now = () => 1_000_000_000;
const elsewhere = { host: 'b', boot: 'b', namespace: 'n', pid: 7, started: '1' };
const { jest } = import.meta;
const refused = jest.fn();

let records: Records;

beforeEach(() => {
  records = memoryRecords();
  refused.mockClear();
});

afterEach(() => {
  jest.useRealTimers();
});

const write = (key: string, role: string, seenAt: number, kind = 'processes') =>
  records.update(kind, key, () => ({ ...elsewhere, role, seenAt }));

test('lists the processes that live, and forgets those that have ended', async () => {
  const own = await announceServing({ records, now, pause: async () => undefined }, 'server');
  const other = await announceServing({ records, now }, 'worker');
  await expect(own.others()).resolves.toMatchObject([{ role: 'worker', pid: process.pid }]);
  await write('late', 'worker', now() - 200_000);
  await write('live', 'server', now() - 100_000);
  await other.close();
  await expect(own.others()).resolves.toEqual([{ role: 'server', host: 'b', pid: 7 }]);
  await expect(records.get('processes', 'late')).resolves.toBeUndefined();
  await own.close();
  await expect(servingProcesses({ records, now })).resolves.toHaveLength(1);
});

test.each([-1, 1])('takes nobody for ended whose clock is %d hours off', async (hours) => {
  const seenAt = now() + hours * 3_600_000;
  await write('off', 'worker', seenAt);
  const pause = () => write('off', 'worker', seenAt + 60_000);
  await expect(servingProcesses({ records, now, pause })).resolves.toHaveLength(1);
});

test('no worker starts during a migration, and leaves no record then', async () => {
  const migration = await announceServing({ records, now }, 'migration');
  const started = startServing({ records, now }, { role: 'worker' }, refused);
  await expect(started).rejects.toMatchObject({ code: 'storage_in_use' });
  await expect(migration.others()).resolves.toEqual([]);
  await migration.close();
  const worker = await startServing({ records, now }, { role: 'worker' }, refused);
  await worker.close();
});

test('a worker removes the records of processes of its host that were killed', async () => {
  const killed = { ...elsewhere, host: hostname(), role: 'worker', seenAt: now() };
  await records.update('processes', 'killed', () => killed);
  await (await startServing({ records, now }, { role: 'worker' }, refused)).close();
  await expect(records.list('processes')).resolves.toEqual([]);
});

test('sees a process behind any number of others', async () => {
  for (let n = 0; n < 1000; n += 1) await write(`a-${n}`, 'worker', now());
  await write('b', 'server', now());
  await expect(servingProcesses({ records, now })).resolves.toHaveLength(1001);
});

test('no process starts beside one that serves something else, wherever that runs', async () => {
  const worker = await startServing({ records, now }, { role: 'worker', serves: 'deployment' }, refused);
  const other = startServing({ records, now }, { role: 'server', serves: 'folder' }, refused);
  await expect(other).rejects.toMatchObject({
    code: 'deployments_differ',
    message: expect.stringMatching(
      /^This process runs the files of its folder, and a worker of the same storage what was deployed: process \d+ on host "/,
    ) as unknown,
  });
  await (await startServing({ records, now }, { role: 'server', serves: 'deployment' }, refused)).close();
  await worker.close();
  await write('earlier-release', 'worker', now());
  await (await startServing({ records, now }, { role: 'server', serves: 'folder' }, refused)).close();
});

test('a migration sees gc', async () => {
  const gc = await startServing({ records, now }, { role: 'storage gc' }, refused);
  const migration = await announceServing({ records, now }, 'migration');
  await expect(migration.others()).resolves.toMatchObject([{ role: 'storage gc' }]);
  await migration.close();
  await gc.close();
});

describe('while the storage does not answer', () => {
  const unreachable = new SkillosError('storage_unreachable', 'no answer');
  let isDown = true;
  const store = () => ({
    now,
    records: {
      ...records,
      update: ((...call) =>
        isDown ? Promise.reject(unreachable) : records.update(...call)) as Records['update'],
    },
  });

  beforeEach(() => {
    isDown = true;
  });

  test('no migration begins', async () => {
    await expect(announceServing(store(), 'migration')).rejects.toBe(unreachable);
  });

  test('a worker starts, and learns of a migration once it answers', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick'] });
    const worker = await startServing(store(), { role: 'worker' }, refused);
    await write('other', 'migration', now(), 'migrating');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(refused).not.toHaveBeenCalled();
    isDown = false;
    await jest.advanceTimersByTimeAsync(120_000);
    expect(refused.mock.calls).toMatchObject([[{ code: 'storage_in_use' }]]);
    await worker.close();
  });
});
