/** Copies the bytes of an attachment from one store to another. */
import { readFile } from 'node:fs/promises';
import type { AttachmentRef } from '../../core/attachments/attachment.ts';
import type { AttachmentBytes } from '../../core/attachments/attachment-records.ts';
import { isSkillosError } from '../../core/errors/errors.ts';

/** Returns undefined if the store does not have it. */
async function readAttachment(store: AttachmentBytes, ref: AttachmentRef): Promise<Buffer | undefined> {
  try {
    const opened = await store.open([ref]);
    try {
      const [found] = opened.files;
      return found && (await readFile(found.file));
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (isSkillosError(error, 'attachment_unavailable')) return undefined;
    throw error;
  }
}

/** Resolves to `missing` if the source lacks it. */
export async function copyAttachment(
  { source, target }: { readonly source: AttachmentBytes; readonly target: AttachmentBytes },
  ref: AttachmentRef,
): Promise<'copied' | 'present' | 'missing'> {
  const bytes = await readAttachment(source, ref);
  if (bytes === undefined) return 'missing';
  if ((await readAttachment(target, ref))?.equals(bytes)) return 'present';
  await target.remove([ref]); // a part that a killed process has written
  await target.write([{ ref, bytes }]);
  return 'copied';
}
