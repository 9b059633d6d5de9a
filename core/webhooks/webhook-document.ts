/** The answer to a delivery, for the API and the command line alike. */
import type { JsonObject } from '../json.ts';

/** `skipped` names the job of an earlier delivery with the same key. */
export function webhookDocument(
  status: 'enqueued' | 'skipped',
  { jobId, deliveryId }: { readonly jobId: string; readonly deliveryId: string },
) {
  return {
    schema: 'skillos.webhook/v1',
    status,
    job_id: jobId,
    delivery_id: deliveryId,
  } satisfies JsonObject;
}
