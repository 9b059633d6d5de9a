/** The law of `AttachmentBytes`: every backend passes it. */
import { existsSync, readFileSync } from 'node:fs';
import { attachmentRef } from '../../core/attachments/attachment.ts';
import type { StoredAttachment } from '../../core/attachments/attachment.ts';
import type { AttachmentBytes } from '../../core/attachments/attachment-records.ts';

const REQUEST = '01KAP3M2Q4V8Z0W6T5R7Y9X1BC';

function anAttachment(text: string, id: string): StoredAttachment {
  const bytes = new Uint8Array(Buffer.from(text));
  const given = { filename: 'Отчёт.txt', contentType: 'text/plain', data: '', sizeBytes: bytes.byteLength };
  return { ref: attachmentRef(given, { requestId: REQUEST, id, safeName: 'Отчёт.txt' }), bytes };
}

export function attachmentsLaw(backend: { open(): Promise<AttachmentBytes> }): void {
  const one = anAttachment('one', 'aaaaaaaa-0000-4000-8000-000000000001');
  const same = anAttachment('one', 'aaaaaaaa-0000-4000-8000-000000000002');

  test('opens as files what was written, until it is removed', async () => {
    const store = await backend.open();
    await store.write([one, same]);
    const opened = await store.open([one.ref, same.ref]);
    expect(opened.files.map(({ ref, file }) => [ref.id, readFileSync(file, 'utf8')])).toEqual([
      [one.ref.id, 'one'],
      [same.ref.id, 'one'],
    ]);
    await opened.close();
    await store.remove([one.ref]);
    await store.remove([one.ref]);
    await expect(store.open([same.ref, one.ref])).rejects.toMatchObject({ code: 'attachment_unavailable' });
    const [left] = (await store.open([same.ref])).files;
    expect(readFileSync(left?.file ?? '', 'utf8')).toBe('one');
  });

  test('has nothing to do for none', async () => {
    const store = await backend.open();
    await store.write([]);
    await store.remove([]);
    const opened = await store.open([]);
    expect(opened.files).toEqual([]);
    await opened.close();
  });

  test('files that were opened are gone, or as they were, after close', async () => {
    const store = await backend.open();
    await store.write([one]);
    const opened = await store.open([one.ref]);
    await opened.close();
    const file = opened.files[0]?.file ?? '';
    expect(existsSync(file) ? readFileSync(file, 'utf8') : 'one').toBe('one');
  });
}
