import type { AttachmentRef } from '../../core/attachments/attachment.ts';
import { SkillosError } from '../../core/errors/errors.ts';

/** The error for an attachment whose bytes are gone. */
export function unavailable({ id }: AttachmentRef): SkillosError {
  return new SkillosError('attachment_unavailable', `Attachment "${id}" is not stored any more`);
}
