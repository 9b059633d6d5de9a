import { ulid } from 'ulid';
import { dropOldAttachments } from '../../../client/attachments/prune.ts';
import { attachmentRef } from '../../../core/attachments/attachment.ts';
import { attachmentRecords } from '../../../core/attachments/attachment-records.ts';
import type { AttachmentBytes } from '../../../core/attachments/attachment-records.ts';
import { runRecords } from '../../../core/runs/run-records.ts';
import { requestIdOf } from '../../../core/values/run-id.ts';
import { aRecord } from '../../support/builders.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const at = '2026-01-01T00:00:00.000Z';
const id = `test.echo-${ulid(Date.parse(at))}`;
const ref = attachmentRef(
  { filename: 'a.txt', contentType: 'text/plain', data: '', sizeBytes: 5 },
  { requestId: requestIdOf(id), id: '0f8fad5b-d9cb-469f-a165-70867728950e', safeName: 'a.txt' },
);

test.each([
  ['of a job that is requeued meanwhile stay', { requeuedAs: 'test.echo-01K5T8R6Q3ZC9V0S1M2N4P7XWZ' }, 0],
  ['of a job that is over are deleted', {}, 1],
])('the bytes %s', async (_what, change, attachments) => {
  const records = memoryRecords();
  const known = attachmentRecords(records);
  await known.add(requestIdOf(id), { runId: id, at, items: [ref] });
  await runRecords(records).open(aRecord({ id, status: 'error', job: { priority: 3 } }));
  const removed: unknown[] = [];
  const bytes = { remove: async (refs) => void removed.push(...refs) } satisfies Partial<AttachmentBytes>;
  let reads = 0;
  const requeuing = {
    ...records,
    get: (async (kind, key) => {
      const found = await records.get(kind, key);
      if (kind !== 'runs' || ++reads === 1) return found;
      return { ...found, job: { priority: 3, ...change } };
    }) as typeof records.get,
  };
  const dropped = await dropOldAttachments(
    { records: requeuing },
    { bytes: bytes as unknown as AttachmentBytes },
    { before: Date.parse('2026-02-01T00:00:00Z'), isDryRun: false, isOver: () => true },
  );
  expect(dropped).toMatchObject({ attachments });
  expect(removed).toHaveLength(attachments);
  await expect(known.get(requestIdOf(id))).resolves.toBeUndefined();
});
