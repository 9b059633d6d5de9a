/** Opens what receiving webhooks reads: triggers and their secrets. Part of the composition root. */
import type { Config, Environment } from '../core/settings/config.ts';
import { following } from './deployments/present-root.ts';
import type { PresentRoots } from './deployments/present-root.ts';
import { openSecrets } from './secrets/secrets.ts';
import { openTriggers } from './webhooks/trigger-file.ts';

interface WebhookSource {
  /** The skills root, absolute; secrets are there. */
  readonly root: string;
  /** Triggers are there. */
  readonly roots: PresentRoots;
  readonly env: Environment;
  readonly config: Pick<Config, 'production'>;
}

export function openWebhooks({ root, roots, env, config }: WebhookSource) {
  const { production } = config;
  const triggers = following(roots, ({ folder }) => openTriggers(folder));
  return { triggers: async () => (await triggers())(), secret: openSecrets({ root, env, production }) };
}
