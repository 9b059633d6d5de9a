/** The catalog and its routing index as requests share them. */
import { openRoutingIndex } from '../adapters/routing-index.ts';
import type { Catalogs } from '../core/ports.ts';
import type { RoutingIndex } from '../core/routing-index.ts';
import { openBrief } from './brief.ts';

export interface SharedRouting {
  readonly openIndex: () => Promise<RoutingIndex>;
  readonly version: () => Promise<string>;
  /** To ask whether a caller may run what was found. */
  readonly catalogs: Catalogs;
  /** Waits for an edit that is made here. */
  readonly edited: (edit: Promise<void>) => Promise<void>;
}

export function openSharedRouting(source: Parameters<typeof openRoutingIndex>[0]): SharedRouting {
  const catalog = openBrief(() => source.catalogs.load());
  let opening: Promise<RoutingIndex> | undefined;
  return {
    openIndex() {
      opening ??= openRoutingIndex(source).finally(() => (opening = undefined));
      return opening;
    },
    version: async () => (await catalog.get()).version,
    catalogs: { ...source.catalogs, find: async (id) => (await catalog.get()).skills.get(id) },
    async edited(edit) {
      await edit;
      catalog.forget();
    },
  };
}
