import { runRecords } from '../../../core/runs/run-records.ts';
import { aRecord } from '../../support/builders.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const OLD = 'test.echo-01K0000000AAAAAAAAAAAAAAAA';
const NEW = 'test.add-01K0000001AAAAAAAAAAAAAAAA';

describe('runRecords', () => {
  test('returns undefined for an unknown run', async () => {
    await expect(runRecords(memoryRecords()).get(OLD)).resolves.toBeUndefined();
  });

  test('opens a record once, and keeps the one that is there', async () => {
    const runs = runRecords(memoryRecords());
    await runs.open(aRecord({ id: OLD, status: 'queued' }));
    await expect(runs.open(aRecord({ id: OLD, status: 'running' }))).resolves.toMatchObject({
      status: 'queued',
    });
    await expect(runs.get(OLD)).resolves.toEqual(aRecord({ id: OLD, status: 'queued' }));
  });

  test('changes what is stored, and resolves to it', async () => {
    const runs = runRecords(memoryRecords());
    await runs.open(aRecord({ id: OLD, status: 'queued' }));
    const changed = await runs.update(OLD, (current) => ({
      ...aRecord(current),
      status: 'running' as const,
    }));
    expect(changed.status).toBe('running');
    await expect(runs.update(OLD, () => undefined)).resolves.toBeUndefined();
    await expect(runs.get(OLD)).resolves.toBeUndefined();
  });

  test('lists in the order in which the runs were requested, whatever their skills', async () => {
    const runs = runRecords(memoryRecords());
    await runs.open(aRecord({ id: NEW }));
    await runs.open(aRecord({ id: OLD }));
    const ids = async (page: Parameters<typeof runs.list>[0]) => (await runs.list(page)).map(({ id }) => id);
    await expect(ids(undefined)).resolves.toEqual([OLD, NEW]);
    await expect(ids({ descending: true, limit: 1 })).resolves.toEqual([NEW]);
    await expect(ids({ after: OLD })).resolves.toEqual([NEW]);
  });
});
