/** Attachments of a delivery: files that a run may read. */
import type { JsonObject } from '../json.ts';

/** An attachment as the skill gets it; the fields have these names in payloads. */
export type AttachmentRef = JsonObject & {
  /** A UUID. */
  readonly id: string;
  readonly filename: string;
  readonly content_type: string;
  readonly size_bytes: number;
  /** Folder of the files, relative to the skills root, with forward slashes. */
  readonly reference: string;
};

/** An attachment as the sender describes it; checked. */
export interface NewAttachment {
  readonly filename: string;
  readonly contentType: string;
  /** Valid base64. */
  readonly data: string;
  readonly sizeBytes: number;
}

/** An attachment with its content, to be stored. */
export interface StoredAttachment {
  readonly ref: AttachmentRef;
  readonly bytes: Uint8Array;
}

/** An attachment in a file that a skill can open. */
export interface LocalAttachment {
  readonly ref: AttachmentRef;
  /** Absolute path. */
  readonly file: string;
  /** Base64 of the content, for a process that does not see the file and makes one. */
  readonly data?: string;
}

/** `requestId` is a ULID, `id` a UUID. */
export function attachmentRef(
  { filename, contentType, sizeBytes }: NewAttachment,
  { requestId, id, safeName }: { readonly requestId: string; readonly id: string; readonly safeName: string },
): AttachmentRef {
  return {
    id,
    filename,
    content_type: contentType,
    size_bytes: sizeBytes,
    reference: `attachments/${requestId}/${id}_${safeName}`,
  };
}
