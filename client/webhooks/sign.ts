/** Signs a body as the sender of a trigger would, for trying a trigger out. */
import { ulid } from 'ulid';
import { SkillosError } from '../../core/errors/errors.ts';
import { schemeOf } from '../../core/webhooks/scheme.ts';
import type { SchemeName } from '../../core/webhooks/scheme.ts';
import { triggerOf } from './deliveries.ts';
import type { WebhookPorts } from './ports.ts';
import { secretsOf } from './secrets.ts';

interface ToSign {
  readonly triggerId: string;
  readonly body: Uint8Array;
  /** Default: the scheme of the trigger. */
  readonly scheme?: SchemeName | undefined;
}

/** Resolves to the headers. Rejects with `unknown_trigger` and `secret_missing`. */
export async function signDelivery(
  ports: Pick<WebhookPorts, 'triggers' | 'secret' | 'settings'>,
  { triggerId, body, scheme: name }: ToSign,
  now: number,
): Promise<Readonly<Record<string, string>>> {
  const trigger = await triggerOf(ports, triggerId);
  const scheme = schemeOf(name ?? trigger.scheme);
  const [secret] = secretsOf(ports, trigger);
  if (secret === undefined || scheme.key(secret) === undefined) {
    const where = trigger.secretName ?? 'SKILLOS_WEBHOOK_SECRET';
    const what = secret === undefined ? 'is not set' : 'cannot be decoded';
    throw new SkillosError('secret_missing', `The secret "${where}" of trigger "${triggerId}" ${what}`);
  }
  return scheme.headers({ secret, body, now: Math.floor(now / 1000), id: `msg_${ulid(now)}` });
}
