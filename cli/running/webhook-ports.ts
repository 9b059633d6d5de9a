/** The ports through which commands receive webhooks. */
import { detectType } from '../../adapters/attachments/detect-type.ts';
import { presentPolicies } from '../../adapters/deployments/present-root.ts';
import { openWebhooks } from '../../adapters/open-webhooks.ts';
import type { WebhookPorts } from '../../client/webhooks/ports.ts';
import { openRecordedLimiter } from '../../client/webhooks/recorded-limiter.ts';
import { tenantOfProcess } from '../../core/values/tenant.ts';
import { openRequestEvents } from '../request-events.ts';
import type { Runtime, RuntimeSource } from '../runtime.ts';
import { submitPorts } from './submit-ports.ts';

export function webhookPorts(source: RuntimeSource, runtime: Runtime): WebhookPorts {
  const { root, roots, state, ports } = runtime;
  const { config } = source;
  const { emit } = openRequestEvents(source, tenantOfProcess(config));
  return {
    ...triggerPorts(source, runtime),
    submit: submitPorts(source, runtime, { emit }),
    attachments: { bytes: state.attachments, detectType },
    limiter: config.rateLimitEnabled || config.rateLimitStrict ? openRecordedLimiter(ports) : undefined,
    permissions: () => presentPolicies(roots, root).permissions(),
  };
}

/** The ports for reading and signing; they open nothing. */
export function triggerPorts(
  { config, context }: Pick<RuntimeSource, 'config' | 'context'>,
  { root, roots }: Pick<Runtime, 'root' | 'roots'>,
) {
  return { ...openWebhooks({ root, roots, env: context.env, config }), settings: config };
}
