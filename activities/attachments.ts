/** The attachments of a run, for its steps. */
import { attachmentRecords } from '../core/attachments/attachment-records.ts';
import type { OpenAttachments } from '../core/attachments/attachment-records.ts';
import { isJobsQueue } from '../core/jobs/jobs-queue.ts';
import { requestIdOf } from '../core/values/run-id.ts';
import type { WorkerPorts } from './ports.ts';

const NONE: OpenAttachments = { files: [], close: () => Promise.resolve() };

/**
 * Opens what was stored for this run. Attachments are found by the id of the run, never by its payload, which any caller could
 * make. Only jobs have them, so that other runs do not pay for the look.
 */
export async function openAttachments(
  { records, attachments }: Pick<WorkerPorts, 'records' | 'attachments'>,
  { runId, queue }: { readonly runId: string; readonly queue: string },
): Promise<OpenAttachments> {
  if (!isJobsQueue(queue)) return NONE;
  const record = await attachmentRecords(records).get(requestIdOf(runId));
  return record?.runId === runId ? attachments.open(record.items) : NONE;
}
