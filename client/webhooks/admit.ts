/** Decides if a delivery counts: its trigger, then its signature over the raw bytes, then the rate limit of the trigger. */
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { tenantOfProcess } from '../../core/values/tenant.ts';
import { schemeOf } from '../../core/webhooks/scheme.ts';
import type { HeaderOf } from '../../core/webhooks/scheme.ts';
import { faultOf } from '../../core/webhooks/signature.ts';
import type { SignatureFault } from '../../core/webhooks/signature.ts';
import type { Trigger } from '../../core/webhooks/trigger.ts';
import type { WebhookPorts } from './ports.ts';
import { secretsOf } from './secrets.ts';

export interface Received {
  readonly triggerId: string;
  /** The raw bytes that were sent. */
  readonly body: Uint8Array;
  readonly header: HeaderOf;
}

export type Admission =
  | { readonly kind: 'admitted'; readonly trigger: Trigger }
  /** The sender is not told which fault it was. */
  | { readonly kind: 'refused'; readonly fault: Fault; readonly trigger: Trigger | undefined };

type Fault = SignatureFault | 'trigger_unknown' | 'trigger_file_invalid';

export async function admit(ports: WebhookPorts, received: Received): Promise<Admission> {
  const found = await findTrigger(ports, received.triggerId);
  const trigger = typeof found === 'string' ? undefined : found;
  const fault = signatureFault(ports, trigger, received); // also without a trigger: it takes as long
  if (typeof found === 'string') return { kind: 'refused', fault: found, trigger };
  return fault === undefined ? { kind: 'admitted', trigger: found } : { kind: 'refused', fault, trigger };
}

async function findTrigger(
  { triggers }: WebhookPorts,
  id: string,
): Promise<Trigger | 'trigger_unknown' | 'trigger_file_invalid'> {
  try {
    return (await triggers()).triggers.find((trigger) => trigger.id === id) ?? 'trigger_unknown';
  } catch (error) {
    if (isSkillosError(error, 'trigger_file_invalid')) return 'trigger_file_invalid';
    throw error;
  }
}

function signatureFault(
  ports: WebhookPorts,
  trigger: Trigger | undefined,
  { body, header }: Received,
): SignatureFault | undefined {
  const scheme = trigger?.scheme ?? 'skillos';
  const secrets = secretsOf(ports, trigger);
  const fault = faultOf({ scheme, header, body, secrets, now: ports.submit.ports.now() });
  const { webhookAllowUnsigned, production } = ports.settings;
  const isUnsigned =
    webhookAllowUnsigned &&
    !production &&
    fault === 'secret_missing' &&
    trigger?.secretName === undefined &&
    header(schemeOf(scheme).header) === undefined;
  return isUnsigned ? undefined : fault;
}

/** Rejects with `rate_limited`. */
export async function limitTrigger(
  { limiter, settings }: WebhookPorts,
  { id, rateLimit }: Trigger,
): Promise<void> {
  if (limiter === undefined) return;
  const requests = rateLimit?.requests ?? settings.rateLimitRequests;
  const windowSeconds = rateLimit?.windowSeconds ?? settings.rateLimitWindowSeconds;
  const key = `webhook:${tenantOfProcess(settings)}:${id}`;
  const { isAllowed, resetMs } = await limiter.take(key, { requests, windowMs: windowSeconds * 1000 });
  if (isAllowed) return;
  const seconds = Math.ceil(resetMs / 1000);
  throw new SkillosError(
    'rate_limited',
    `More than ${requests} deliveries in ${windowSeconds} s; try again in ${seconds} s`,
    { details: { retry_after_seconds: seconds } },
  );
}
