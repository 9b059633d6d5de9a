/** Where runs go: the Temporal server that the environment configures, else the local engine. */
import type { ClientConnectConfig } from '@temporalio/envconfig';
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
async function configuredTarget({
  config,
  env,
}: Pick<EngineRequest, 'config' | 'env'>): Promise<Target | undefined> {
  if (!CONFIGURES.some((variable) => env[variable])) return undefined;
  const { readTemporalConfig } = await import('./temporal-config.ts');
  const { connectionOptions, namespace = 'default' } = readTemporalConfig(env);
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
