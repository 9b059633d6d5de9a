/** Temporal's client configuration, read as Temporal's own tools read it; loaded only where something is configured. */
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import type { Environment } from '../core/config.ts';
import { SkillosError } from '../core/errors.ts';

/** Throws `config_invalid`. */
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
