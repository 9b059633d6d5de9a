/** The triggers for people: which of them can receive deliveries. */
import { schemeOf } from '../../core/webhooks/scheme.ts';
import type { Trigger, TriggerState, TriggerStates } from '../../core/webhooks/trigger.ts';
import type { WebhookPorts } from './ports.ts';
import { secretsOf } from './secrets.ts';

/** Rejects with `trigger_file_invalid`. */
export async function listTriggers(
  ports: Pick<WebhookPorts, 'triggers' | 'secret' | 'settings'>,
): Promise<TriggerStates> {
  const { triggers, problems } = await ports.triggers();
  return { triggers: triggers.map((trigger) => ({ trigger, secret: stateOf(ports, trigger) })), problems };
}

function stateOf(ports: Pick<WebhookPorts, 'secret' | 'settings'>, trigger: Trigger): TriggerState['secret'] {
  const secrets = secretsOf(ports, trigger);
  const { webhookAllowUnsigned, production } = ports.settings;
  if (secrets.length === 0) {
    const isUnsigned = webhookAllowUnsigned && !production && trigger.secretName === undefined;
    return isUnsigned ? 'unsigned' : 'missing';
  }
  return secrets.some((secret) => schemeOf(trigger.scheme).key(secret) !== undefined) ? 'set' : 'invalid';
}
