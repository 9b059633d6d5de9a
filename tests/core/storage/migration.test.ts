import { readMigration, refuseIncomplete, writeMigration } from '../../../core/storage/migration.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const STARTED = { from: 'file', source: 'a', startedAt: '2026-09-21T20:00:00.000Z' };

test('refuses a target from the begin of its migration to the end', async () => {
  const records = memoryRecords();
  await refuseIncomplete(records);
  await writeMigration(records, STARTED);
  await expect(readMigration(records)).resolves.toEqual(STARTED);
  await expect(refuseIncomplete(records)).rejects.toMatchObject({
    code: 'storage_incomplete',
    message:
      'The storage holds part of a migration from file that began at 2026-09-21T20:00:00.000Z and was not completed',
  });
  await writeMigration(records, { ...STARTED, completedAt: STARTED.startedAt });
  await refuseIncomplete(records);
});
