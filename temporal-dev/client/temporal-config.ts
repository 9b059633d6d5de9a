/** Reads Temporal's client configuration as Temporal's own tools do. A file of its own, loaded only if a server is configured. */
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import type { Environment } from '../../core/settings/config.ts';
import { SkillosError } from '../../core/errors/errors.ts';

/** Throws `config_invalid` if the configuration cannot be parsed. */
export function readTemporalConfig(env: Environment): ClientConnectConfig {
  const set = Object.entries(env).filter(([, value]) => value !== undefined);
  try {
    return loadClientConnectConfig({ overrideEnvVars: Object.fromEntries(set) as Record<string, string> });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SkillosError('config_invalid', `Temporal’s client configuration cannot be used: ${reason}`, {
      hint: 'Check TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE and the TEMPORAL_TLS_* variables',
      cause,
    });
  }
}
