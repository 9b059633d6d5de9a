/** Loads the parsers of manifests at the first use of the catalog, because many commands never read it. */
import type { Catalogs } from '../../core/skills/catalog.ts';

/** As `openCatalog`. */
export function lazyCatalog(root: string): Catalogs {
  let opened: Promise<Catalogs> | undefined;
  const catalog = () => (opened ??= import('./catalog.ts').then(({ openCatalog }) => openCatalog(root)));
  return {
    load: async () => (await catalog()).load(),
    fingerprint: async () => (await catalog()).fingerprint(),
    find: async (id) => (await catalog()).find(id),
  };
}
