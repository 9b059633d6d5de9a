/** Chooses the Temporal server for runs: the one that the environment names, otherwise the local engine. */
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { isTemporalConfigured } from '../../core/settings/temporal-variables.ts';
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

/** Starts no local engine if a server is configured. Rejects with `config_invalid`, or as `ensureEngine` does. */
export async function resolveTarget(request: EngineRequest): Promise<Target> {
  return (await configuredTarget(request)) ?? (await ensureEngine(request));
}

/** Reads the configuration as Temporal's own tools do; returns undefined if no server is configured. */
async function configuredTarget({
  config,
  env,
}: Pick<EngineRequest, 'config' | 'env'>): Promise<Target | undefined> {
  if (!isTemporalConfigured(env)) return undefined;
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
