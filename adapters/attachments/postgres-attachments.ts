/**
 * Attachments as rows of the table of blobs, each under the hash of its attachment's id instead of its bytes: no value can
 * have the same row, so that the row can be deleted with the attachment.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { AttachmentRef, LocalAttachment, StoredAttachment } from '../../core/attachments/attachment.ts';
import type { AttachmentBytes, OpenAttachments } from '../../core/attachments/attachment-records.ts';
import { sha256 } from '../../core/values/digest.ts';
import type { Postgres } from '../storage/postgres/postgres.ts';
import { unavailable } from './unavailable.ts';

export function openPostgresAttachments(database: Postgres): AttachmentBytes {
  const { schema, query } = database;
  return {
    async write(attachments) {
      if (attachments.length === 0) return;
      const values = attachments.flatMap((each) => [nameOf(each.ref), rowOf(each)]);
      const rows = attachments.map((_, index) => `($${index * 2 + 1}, $${index * 2 + 2})`).join(', ');
      const text = `INSERT INTO ${schema}.blobs (hash, bytes) VALUES ${rows} ON CONFLICT DO NOTHING`;
      await query({ text, values });
    },
    async remove(refs) {
      const text = `DELETE FROM ${schema}.blobs WHERE hash = ANY($1)`;
      await query({ text, values: [refs.map(nameOf)] });
    },
    open: (refs) => openInFolder(refs, (ref) => readRow(database, ref)),
  };
}

function nameOf({ id }: AttachmentRef): string {
  return sha256(`attachment:${id}`);
}

function rowOf({ bytes }: StoredAttachment): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function readRow({ schema, query }: Postgres, ref: AttachmentRef): Promise<Uint8Array> {
  const text = `SELECT bytes FROM ${schema}.blobs WHERE hash = $1`;
  const { rows } = await query({ text, values: [nameOf(ref)] });
  const bytes = rows[0]?.['bytes'] as Uint8Array | undefined; // the column's type
  if (bytes?.byteLength !== ref.size_bytes) throw unavailable(ref);
  return bytes;
}

async function openInFolder(
  refs: readonly AttachmentRef[],
  read: (ref: AttachmentRef) => Promise<Uint8Array>,
): Promise<OpenAttachments> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'skillos-attachments-'));
  const close = () => rm(folder, { recursive: true, force: true });
  try {
    const files: LocalAttachment[] = [];
    for (const ref of refs) {
      const file = path.join(folder, path.posix.basename(ref.reference));
      await writeFile(file, await read(ref), { mode: 0o400 });
      files.push({ ref, file });
    }
    return { files, close };
  } catch (error) {
    await close();
    throw error;
  }
}
