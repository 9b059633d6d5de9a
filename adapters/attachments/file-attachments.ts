/** Attachments as files below the skills root: `attachments/<request id>/<uuid>_<name>`. */
import { rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { AttachmentRef, StoredAttachment } from '../../core/attachments/attachment.ts';
import type { AttachmentBytes } from '../../core/attachments/attachment-records.ts';
import { createDurable, makeDir, safeJoin, storageError, syncFolder } from '../files/files.ts';
import { unavailable } from './unavailable.ts';

export function openFileAttachments(root: string): AttachmentBytes {
  const fileOf = ({ reference }: AttachmentRef) => safeJoin(root, ...reference.split('/'));
  return {
    write: (attachments) => writeAll(attachments, fileOf),
    async remove(refs) {
      for (const ref of refs) await rm(fileOf(ref), { force: true });
      const folders = new Set(refs.map((ref) => path.dirname(fileOf(ref))));
      // A folder that is not empty holds attachments of a concurrent delivery.
      for (const folder of folders) await rmdir(folder).catch(() => undefined);
    },
    async open(refs) {
      const files = refs.map((ref) => ({ ref, file: fileOf(ref) }));
      for (const { ref, file } of files) {
        const size = await stat(file).then(
          (found) => found.size,
          () => undefined,
        );
        if (size !== ref.size_bytes) throw unavailable(ref);
      }
      return { files, close: async () => undefined };
    },
  };
}

async function writeAll(
  attachments: readonly StoredAttachment[],
  fileOf: (ref: AttachmentRef) => string,
): Promise<void> {
  const written: string[] = [];
  try {
    for (const { ref, bytes } of attachments) {
      const file = fileOf(ref);
      await makeDir(path.dirname(file));
      await createDurable(file, bytes);
      written.push(file);
    }
    for (const folder of new Set(written.map((file) => path.dirname(file)))) await syncFolder(folder);
  } catch (error) {
    for (const file of written) await rm(file, { force: true }).catch(() => undefined); // the first error is the one to report
    throw storageError('Cannot write an attachment', error);
  }
}
