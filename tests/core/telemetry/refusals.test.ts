import { countRefusal, readRefusals } from '../../../core/telemetry/refusals.ts';
import { memoryRecords } from '../../support/memory-records.ts';

test('counts refusals by code, and reads nothing as none', async () => {
  const once = countRefusal(undefined, 'work_refused');
  expect(once).toEqual({ work_refused: 1 });
  expect(countRefusal(countRefusal(once, 'work_refused'), 'run_replayed')).toEqual({
    work_refused: 2,
    run_replayed: 1,
  });
  const records = memoryRecords();
  expect(await readRefusals(records)).toEqual({});
  await records.update('refusals', 'total', () => once);
  expect(await readRefusals(records)).toEqual({ work_refused: 1 });
});
