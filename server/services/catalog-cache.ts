/** Shares the catalog and its routing index between concurrent requests. */
import { openRoutingIndex } from '../../adapters/catalog/routing-index-file.ts';
import type { Catalogs } from '../../core/skills/catalog.ts';
import type { RoutingIndex } from '../../core/routing/routing-index.ts';
import { openMicroCache } from './micro-cache.ts';

export interface CatalogCache {
  readonly openIndex: () => Promise<RoutingIndex>;
  readonly version: () => Promise<string>;
  /** The catalogs, with `find` answered from the shared catalog. */
  readonly catalogs: Catalogs;
  /** Waits for an edit by this process, then drops the shared catalog. */
  readonly afterEdit: (edit: Promise<void>) => Promise<void>;
}

export function openCatalogCache(source: Parameters<typeof openRoutingIndex>[0]): CatalogCache {
  const catalog = openMicroCache(() => source.catalogs.load());
  let opening: Promise<RoutingIndex> | undefined;
  return {
    openIndex() {
      opening ??= openRoutingIndex(source).finally(() => (opening = undefined));
      return opening;
    },
    version: async () => (await catalog.get()).version,
    catalogs: { ...source.catalogs, find: async (id) => (await catalog.get()).skills.get(id) },
    async afterEdit(edit) {
      await edit;
      catalog.forget();
    },
  };
}
