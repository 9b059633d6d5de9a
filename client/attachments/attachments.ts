/** Proves, stores and deletes attachments. */
import { attachmentRef } from '../../core/attachments/attachment.ts';
import type { AttachmentRef, NewAttachment } from '../../core/attachments/attachment.ts';
import { attachmentRecords } from '../../core/attachments/attachment-records.ts';
import type { AttachmentBytes } from '../../core/attachments/attachment-records.ts';
import { isTypeProven } from '../../core/attachments/content-type.ts';
import { safeName } from '../../core/attachments/file-name.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { isoTime } from '../../core/values/iso-time.ts';
import { requestIdOf } from '../../core/values/run-id.ts';
import type { ClientPorts } from '../ports.ts';

export interface AttachmentPorts {
  readonly bytes: AttachmentBytes;
  /** Resolves to the content type by the first bytes; to undefined if they are those of no known type. */
  readonly detectType: (bytes: Uint8Array) => Promise<string | undefined>;
}

/** An attachment whose content is of the type that it declares. */
export interface Proven {
  readonly attachment: NewAttachment;
  readonly bytes: Uint8Array;
}

/** Rejects with `attachment_type_mismatch`. */
export async function proveAttachments(
  { detectType }: Pick<AttachmentPorts, 'detectType'>,
  attachments: readonly NewAttachment[],
): Promise<readonly Proven[]> {
  const proven: Proven[] = [];
  for (const [index, attachment] of attachments.entries()) {
    const bytes = new Uint8Array(Buffer.from(attachment.data, 'base64'));
    const { contentType } = attachment;
    const found = await detectType(bytes);
    if (!isTypeProven(contentType, found, bytes)) throw mismatch(`attachments[${index}]`, contentType, found);
    proven.push({ attachment, bytes });
  }
  return proven;
}

function mismatch(place: string, declared: string, found: string | undefined): SkillosError {
  const got = found === undefined ? 'bytes of no known type' : `those of "${found}"`;
  return new SkillosError(
    'attachment_type_mismatch',
    `Invalid ${place}.data: expected the bytes of "${declared}", got ${got}`,
  );
}

type StorePorts = Pick<ClientPorts, 'records' | 'now'>;

/** Stores all or none for a run. If the run has attachments already, those stay and are returned. */
export async function storeAttachments(
  { records, now }: StorePorts,
  { bytes: store }: Pick<AttachmentPorts, 'bytes'>,
  { runId, proven }: { readonly runId: string; readonly proven: readonly Proven[] },
): Promise<readonly AttachmentRef[]> {
  if (proven.length === 0) return [];
  const requestId = requestIdOf(runId);
  const attachments = proven.map(({ attachment, bytes }) => {
    const naming = { requestId, id: crypto.randomUUID(), safeName: safeName(attachment.filename) };
    return { ref: attachmentRef(attachment, naming), bytes };
  });
  const items = attachments.map(({ ref }) => ref);
  await store.write(attachments);
  let kept: readonly AttachmentRef[] = [];
  try {
    kept = (await attachmentRecords(records).add(requestId, { runId, at: isoTime(now()), items })).items;
  } finally {
    if (kept[0]?.id !== items[0]?.id) await store.remove(items);
  }
  return kept;
}

/**
 * Gives the attachments of a job to the job that repeats it, if it has any. The bytes are not copied: they belong to the last
 * job that has a record of them.
 */
export async function passAttachments(
  { records, now }: StorePorts,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  const known = attachmentRecords(records);
  const record = await known.get(requestIdOf(from));
  if (record?.runId !== from) return;
  await known.add(requestIdOf(to), { ...record, runId: to, at: isoTime(now()) });
}

/** Takes back what `passAttachments` gave to a job that was then refused. */
export function takeBackAttachments({ records }: Pick<ClientPorts, 'records'>, to: string): Promise<void> {
  return attachmentRecords(records).remove(requestIdOf(to));
}

/** Deletes the attachments of a run that was not enqueued. */
export async function dropAttachments(
  { records }: Pick<ClientPorts, 'records'>,
  { bytes: store }: Pick<AttachmentPorts, 'bytes'>,
  runId: string,
): Promise<number> {
  const known = attachmentRecords(records);
  const requestId = requestIdOf(runId);
  const record = await known.get(requestId);
  if (record === undefined) return 0;
  await known.remove(requestId); // first, so that no run finds attachments that are half deleted
  await store.remove(record.items);
  return record.items.length;
}
