/** The answer to a delivery, and the list of triggers, for the API and the command line alike. */
import type { JsonObject } from '../json.ts';
import type { TriggerStates } from './trigger.ts';

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

/** With paths instead of addresses unless the public address of the API is known. */
export function triggersDocument({ triggers, problems }: TriggerStates, publicUrl = '') {
  return {
    schema: 'skillos.triggers/v1',
    items: triggers.map(({ trigger: { id, skill, scheme }, secret }) => ({
      id,
      skill,
      scheme,
      url: `${publicUrl}/webhooks/${id}`,
      secret,
    })),
    problems: problems.map(({ entry, message }) => ({ entry, message })),
  } satisfies JsonObject;
}
