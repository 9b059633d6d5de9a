/** Opens what receiving webhooks reads: triggers and their secrets. Part of the composition root. */
import type { Config, Environment } from '../core/settings/config.ts';
import { openSecrets } from './secrets/secrets.ts';
import { openTriggers } from './webhooks/trigger-file.ts';

interface WebhookSource {
  /** The skills root, absolute. */
  readonly root: string;
  readonly env: Environment;
  readonly config: Pick<Config, 'production'>;
}

export function openWebhooks({ root, env, config }: WebhookSource) {
  const { production } = config;
  return { triggers: openTriggers(root), secret: openSecrets({ root, env, production }) };
}
