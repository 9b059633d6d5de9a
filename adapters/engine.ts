/** Where runs go: the Temporal server that the environment configures, else the local engine. */
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { SkillosError } from '../core/errors.ts';
import { ensureEngine } from './local-engine.ts';
import type { EngineRequest } from './local-engine.ts';

export interface Target {
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly uiUrl?: string;
  readonly local: boolean;
  readonly connection?: Pick<ClientConnectConfig['connectionOptions'], 'tls' | 'apiKey' | 'metadata'>;
}

const CONFIGURES = ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'];

/** Nothing is started where a server is configured. Rejects with `config_invalid`, or as `ensureEngine` does. */
export async function resolveTarget(request: EngineRequest): Promise<Target> {
  return (await configuredTarget(request)) ?? (await ensureEngine(request));
}

/** Read as Temporal's own tools read it; `undefined` where nothing is configured. */
export async function configuredTarget({
  config,
  env,
}: Pick<EngineRequest, 'config' | 'env'>): Promise<Target | undefined> {
  if (!CONFIGURES.some((variable) => env[variable])) return undefined;
  const { connectionOptions, namespace = 'default' } = await loadConnectConfig(env);
  const { address = 'localhost:7233', tls, apiKey, metadata } = connectionOptions;
  return {
    address,
    namespace,
    taskQueue: config.taskQueue,
    ...(config.uiUrl === undefined ? {} : { uiUrl: config.uiUrl.replace(/\/+$/, '') }),
    local: false,
    connection: {
      ...(tls === undefined ? {} : { tls }),
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(metadata === undefined ? {} : { metadata }),
    },
  };
}

async function loadConnectConfig(env: EngineRequest['env']): Promise<ClientConnectConfig> {
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
  const set = Object.entries(env).filter(([, value]) => value !== undefined);
  try {
    return loadClientConnectConfig({ overrideEnvVars: Object.fromEntries(set) as Record<string, string> });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SkillosError('config_invalid', `Temporal's client configuration cannot be used: ${reason}`, {
      hint: 'Check TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE and the TEMPORAL_TLS_* variables',
      cause,
    });
  }
}
