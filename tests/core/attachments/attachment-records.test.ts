import { attachmentRecords } from '../../../core/attachments/attachment-records.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const REQUEST = '01KAP3M2Q4V8Z0W6T5R7Y9X1BC';
const record = (runId: string) => ({ runId, at: '2026-11-28T12:00:00.000Z', items: [] });

test('the first record of a request stays', async () => {
  const known = attachmentRecords(memoryRecords());
  await expect(known.add(REQUEST, record('a'))).resolves.toEqual(record('a'));
  await expect(known.add(REQUEST, record('b'))).resolves.toEqual(record('a'));
  await expect(known.get(REQUEST)).resolves.toEqual(record('a'));
  const all = [];
  for await (const each of known.all()) all.push(each);
  expect(all).toEqual([record('a')]);
  await known.remove(REQUEST);
  await expect(known.get(REQUEST)).resolves.toBeUndefined();
});
