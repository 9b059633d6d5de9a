/** The ports through which commands receive webhooks. */
import { detectType } from '../../adapters/attachments/detect-type.ts';
import { openPolicies } from '../../adapters/preparing/policies.ts';
import { openWebhooks } from '../../adapters/open-webhooks.ts';
import type { WebhookPorts } from '../../client/webhooks/ports.ts';
import { openRecordedLimiter } from '../../client/webhooks/recorded-limiter.ts';
import { DEFAULT_TENANT } from '../../core/values/tenant.ts';
import { openRequestEvents } from '../request-events.ts';
import type { Runtime, RuntimeSource } from '../runtime.ts';
import { submitPorts } from './submit-ports.ts';

export function webhookPorts(source: RuntimeSource, runtime: Runtime): WebhookPorts {
  const { root, state, ports } = runtime;
  const { config } = source;
  const { emit } = openRequestEvents(source, config.tenant ?? DEFAULT_TENANT);
  return {
    ...triggerPorts(source, root),
    submit: submitPorts(source, runtime, { emit }),
    attachments: { bytes: state.attachments, detectType },
    limiter: config.rateLimitEnabled || config.rateLimitStrict ? openRecordedLimiter(ports) : undefined,
    permissions: () => openPolicies(root).permissions(),
  };
}

/** The ports for reading and signing; they open nothing. */
export function triggerPorts({ config, context }: Pick<RuntimeSource, 'config' | 'context'>, root: string) {
  return { ...openWebhooks({ root, env: context.env, config }), settings: config };
}
