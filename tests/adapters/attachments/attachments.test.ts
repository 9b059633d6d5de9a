import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { detectType } from '../../../adapters/attachments/detect-type.ts';
import { openFileAttachments } from '../../../adapters/attachments/file-attachments.ts';
import { openPostgresAttachments } from '../../../adapters/attachments/postgres-attachments.ts';
import { openPostgres } from '../../../adapters/storage/postgres/postgres.ts';
import type { Postgres } from '../../../adapters/storage/postgres/postgres.ts';
import { attachmentRef } from '../../../core/attachments/attachment.ts';
import { startPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { attachmentsLaw } from '../attachments.testsuite.ts';

describe('openFileAttachments', () => {
  attachmentsLaw({ open: async () => openFileAttachments(tempFolder()) });

  const refOf = (id: string) =>
    attachmentRef(
      { filename: 'a', contentType: 'text/plain', data: '', sizeBytes: 1 },
      { requestId: '01KAP3M2Q4V8Z0W6T5R7Y9X1BC', id, safeName: 'a' },
    );

  test('stores all or none', async () => {
    const root = tempFolder();
    const store = openFileAttachments(root);
    const bytes = new Uint8Array([65]);
    // The second name is taken already.
    const twice = [refOf('b'), refOf('c'), refOf('c')].map((ref) => ({ ref, bytes }));
    await expect(store.write(twice)).rejects.toMatchObject({ code: 'storage_unreachable' });
    expect(readdirSync(join(root, 'attachments', '01KAP3M2Q4V8Z0W6T5R7Y9X1BC'))).toEqual([]);
  });
});

describe('openPostgresAttachments', () => {
  let server: TestPostgres;
  const opened: Postgres[] = [];
  let schemas = 0;

  beforeAll(async () => {
    server = await startPostgres();
  });

  afterAll(async () => {
    await Promise.all(opened.map((database) => database.close()));
  });

  attachmentsLaw({
    open: async () => {
      const database = openPostgres({ dsn: server.dsn, schema: `attachments_${++schemas}` });
      opened.push(database);
      return openPostgresAttachments(database);
    },
  });
});

describe('detectType', () => {
  test.each([
    ['%PDF-1.7\n', 'application/pdf'],
    ['GIF89a\u0001\u0000\u0001\u0000', 'image/gif'],
    ['MZ\u0090\u0000', 'application/x-msdownload'],
    ['hello', undefined],
    ['{"a":1}', undefined],
  ])('%j: %s', async (text, expected) => {
    await expect(detectType(Buffer.from(text, 'latin1'))).resolves.toBe(expected);
  });
});
