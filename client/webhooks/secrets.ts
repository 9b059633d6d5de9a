/** The secrets that count for a trigger. */
import type { Trigger } from '../../core/webhooks/trigger.ts';
import type { WebhookPorts } from './ports.ts';

/** Looked up for a trigger without a secret of its own, so that finding none takes as long. */
const NOBODYS = 'SKILLOS_NO_SUCH_SECRET';

/** Several are separated by commas: while a sender changes its secret, the old and the new one count. */
export function secretsOf(
  { secret, settings }: Pick<WebhookPorts, 'secret' | 'settings'>,
  trigger: Trigger | undefined,
): readonly string[] {
  const own = secret(trigger?.secretName ?? NOBODYS);
  const value = trigger?.secretName === undefined ? settings.webhookSecret : own;
  return (value ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}
