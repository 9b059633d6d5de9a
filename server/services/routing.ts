/** What the requests of a server route with: the catalog, its index, and the embedding model of the settings. */
import { openEmbedder } from '../../adapters/embeddings/open.ts';
import type { Embeddings } from '../../core/routing/similarity.ts';
import type { Config, Environment } from '../../core/settings/config.ts';
import type { Catalogs } from '../../core/skills/catalog.ts';
import { openCatalogCache } from './catalog-cache.ts';
import type { CatalogCache } from './catalog-cache.ts';
import { unlessNothingDeployed } from './deployed.ts';

interface Opening {
  readonly config: Config;
  readonly env: Environment;
  readonly ports: { readonly catalogs: Catalogs };
  /** Reports to the operator. */
  readonly onFault: (error: unknown, requestId: string) => void;
}

export interface ServerRouting extends CatalogCache {
  /** Undefined if words alone decide. */
  readonly embeddings?: Embeddings;
}

/**
 * The first request does not wait for the index. Until the vectors of the skills are there, and while they are renewed
 * after an edit, words alone decide.
 */
export async function openServerRouting(
  { config, env, ports: { catalogs }, onFault }: Opening,
  place: { readonly root: string; readonly cacheDir: string },
): Promise<ServerRouting> {
  const shared = openCatalogCache({ catalogs, ...place });
  const embedder = await openEmbedder(config, env);
  if (embedder === undefined) {
    await unlessNothingDeployed(shared.openIndex());
    return shared;
  }
  const { openEmbeddings } = await import('../../adapters/embeddings/embeddings.ts');
  const embeddings = openEmbeddings({
    ...place,
    catalogs,
    embedder,
    patienceMs: 0,
    onBuild: () => undefined,
    onFallback: (message) => onFault(`${message}; routing by words alone`, ''),
  });
  await unlessNothingDeployed(shared.openIndex().then(embeddings.prepare));
  return { ...shared, embeddings };
}
