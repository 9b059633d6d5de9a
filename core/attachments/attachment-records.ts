/** The attachments of each run. Bytes without a record belong to no run. */
import type { JsonObject } from '../json.ts';
import { pagesOf } from '../storage/record-pages.ts';
import type { Records } from '../storage/records.ts';
import type { AttachmentRef, LocalAttachment, StoredAttachment } from './attachment.ts';

/** The port for the bytes of attachments; what is stored where is for the records alone to say. */
export interface AttachmentBytes {
  /** Stores all or none; durable when it resolves. */
  write(attachments: readonly StoredAttachment[]): Promise<void>;
  /** Ignores those that are gone. */
  remove(refs: readonly AttachmentRef[]): Promise<void>;
  /** Makes files of them that can be read until `close`. Rejects with `attachment_unavailable`. */
  open(refs: readonly AttachmentRef[]): Promise<OpenAttachments>;
}

export interface OpenAttachments {
  readonly files: readonly LocalAttachment[];
  close(): Promise<void>;
}

export interface AttachmentRecord {
  readonly runId: string;
  /** ISO 8601. */
  readonly at: string;
  readonly items: readonly AttachmentRef[];
}

export const ATTACHMENTS_KIND = 'attachments';

type Stored = JsonObject & AttachmentRecord; // plain JSON by its type

/** Records by request id, the ULID at the end of the run's id. */
export interface AttachmentRecords {
  get(requestId: string): Promise<AttachmentRecord | undefined>;
  /** Resolves to the record that stands: an earlier one stays. */
  add(requestId: string, record: AttachmentRecord): Promise<AttachmentRecord>;
  remove(requestId: string): Promise<void>;
  /** All of them, oldest first. */
  all(): AsyncIterable<AttachmentRecord>;
}

export function attachmentRecords(records: Records): AttachmentRecords {
  return {
    get: (requestId) => records.get<Stored>(ATTACHMENTS_KIND, requestId),
    add: async (requestId, record) => {
      const kept = await records.update<Stored>(
        ATTACHMENTS_KIND,
        requestId,
        (current) => current ?? (record as Stored),
      );
      return kept as AttachmentRecord; // there is always one now
    },
    remove: async (requestId) => {
      await records.update<Stored>(ATTACHMENTS_KIND, requestId, () => undefined);
    },
    async *all() {
      for await (const page of pagesOf<Stored>(records, ATTACHMENTS_KIND))
        for (const { value } of page) yield value;
    },
  };
}
