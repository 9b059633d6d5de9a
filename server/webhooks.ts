/** The server's ports for the use cases of webhooks. */
import type { WebhookPorts } from '../client/webhooks/ports.ts';
import type { Call } from './http/endpoint.ts';
import { tenantOfProcess } from '../core/values/tenant.ts';
import { submitPorts } from './execute.ts';

export function webhookPorts(
  call: Pick<Call<unknown, unknown>, 'services' | 'requestId' | 'traceparent'>,
): WebhookPorts {
  const { config, permissions, limiter, webhooks } = call.services;
  return {
    ...webhooks,
    submit: submitPorts(call, tenantOfProcess(config)),
    limiter,
    permissions,
    settings: config,
  };
}
