/** Opens the embedding model of the settings. */
import type { Config, Environment } from '../../core/settings/config.ts';
import type { Embedder } from '../../core/routing/embedder.ts';

type Settings = Pick<
  Config,
  'embeddings' | 'embeddingsUrl' | 'embeddingsModel' | 'embeddingsApiKey' | 'cacheDir'
>;

/** Resolves to undefined if routing goes by words alone; then nothing of embeddings is loaded. */
export async function openEmbedder(config: Settings, env: Environment): Promise<Embedder | undefined> {
  const { embeddings, embeddingsUrl: url, embeddingsModel: model, embeddingsApiKey: apiKey } = config;
  if (embeddings === 'local') {
    const [{ localEmbedder }, { modelFolder }] = await Promise.all([
      import('./local.ts'),
      import('./model-files.ts'),
    ]);
    return localEmbedder(modelFolder(config, env));
  }
  if (embeddings === 'off' || url === undefined || model === undefined) return undefined;
  const { endpointEmbedder } = await import('./endpoint.ts');
  return endpointEmbedder({ url, model, apiKey });
}
