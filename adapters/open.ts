/**
 * The composition root: opens the ports of commands, server and worker on a skills root, from the settings.
 * The file for previews loads the bundler and that of the catalog the parsers of manifests, so they are imported on first use.
 */
import { resolve } from 'node:path';
import type { JsonValue } from '../core/json.ts';
import { signersOf } from '../core/runs/signers.ts';
import type { Config } from '../core/settings/config.ts';
import type { Catalogs } from '../core/skills/catalog.ts';
import type { Carried } from '../core/values/carried.ts';
import { loadJsonSchemas } from './preparing/json-schema.ts';
import { carry, uncarry } from './storage/carrying.ts';
import { chainedJournal } from './storage/chained-journal.ts';
import { openState } from './storage/state.ts';

/**
 * `ports` are those of the use cases; the caller closes `state`. `serverKey` is called for each signature; default: the
 * setting. With one, audit entries are chained.
 */
export function openPorts(config: Config, now: () => number, serverKey = keyOf(config)) {
  const opened = openState(config);
  const state =
    serverKey === undefined
      ? opened
      : { ...opened, journal: chainedJournal(opened.journal, { serverKey, now }) };
  const { records, journal, blobs } = state;
  const ports = {
    catalogs: lazyCatalog(config.root),
    records,
    journal,
    values: {
      carry: (value: JsonValue) => carry(value, blobs),
      uncarry: (carried: Carried) => uncarry(carried, blobs),
    },
    loadSchemas: loadJsonSchemas,
    now,
    ...signersOf(serverKey),
  };
  return { root: resolve(config.root), state, ports };
}

function lazyCatalog(root: string): Catalogs {
  let opened: Promise<Catalogs> | undefined;
  const catalog = () =>
    (opened ??= import('./catalog/catalog.ts').then(({ openCatalog }) => openCatalog(root)));
  return {
    load: async () => (await catalog()).load(),
    fingerprint: async () => (await catalog()).fingerprint(),
    find: async (id) => (await catalog()).find(id),
  };
}

function keyOf({ serverKey }: Config): (() => string) | undefined {
  return serverKey === undefined ? undefined : () => serverKey;
}

export type OpenPorts = ReturnType<typeof openPorts>;

/** Opens the ports of dry runs, which read the same as a worker. */
export async function openPreviews(
  config: Config,
  ports: Pick<OpenPorts['ports'], 'catalogs' | 'records' | 'values'>,
) {
  const { previewPorts } = await import('./preparing/preview-ports.ts');
  return previewPorts(config, ports);
}
