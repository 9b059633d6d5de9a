/**
 * The composition root: opens the ports of commands, server and worker on a skills root, from the settings.
 * The file for previews loads the bundler and that of the catalog the parsers of manifests, so they are imported on first use.
 */
import { resolve } from 'node:path';
import type { JsonValue } from '../core/json.ts';
import { signersOf } from '../core/runs/signers.ts';
import type { Config } from '../core/settings/config.ts';
import type { Records } from '../core/storage/records.ts';
import type { Carried } from '../core/values/carried.ts';
import { openPresentRoots, presentCatalogs } from './deployments/present-root.ts';
import { loadJsonSchemas } from './preparing/json-schema.ts';
import { carry, uncarry } from './storage/carrying.ts';
import { chainedJournal } from './storage/chained-journal.ts';
import { openState } from './storage/state.ts';
import type { State } from './storage/state.ts';

interface Opening {
  /** Called for each signature; default: the setting. With one, audit entries are chained. */
  readonly serverKey?: (() => string) | undefined;
  /** Default: that of the settings. */
  readonly state?: State;
}

/** `ports` are those of the use cases; the caller closes `state`. */
export function openPorts(
  config: Config,
  now: () => number,
  { serverKey = keyOf(config), state: opened = openState(config) }: Opening = {},
) {
  const state =
    serverKey === undefined
      ? opened
      : { ...opened, journal: chainedJournal(opened.journal, { serverKey, now }) };
  const { journal, blobs } = state;
  const records: Records = state.records;
  const roots = openPresentRoots(config, { records, blobs });
  const ports = {
    catalogs: presentCatalogs(roots),
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
  return { root: resolve(config.root), roots, state, ports };
}

function keyOf({ serverKey }: Config): (() => string) | undefined {
  return serverKey === undefined ? undefined : () => serverKey;
}

export type OpenPorts = ReturnType<typeof openPorts>;

/** Opens the ports of dry runs, which read the same as a worker. */
export async function openPreviews(
  config: Config,
  {
    roots,
    ports,
  }: Pick<OpenPorts, 'roots'> & { readonly ports: Pick<OpenPorts['ports'], 'records' | 'values'> },
) {
  const { previewPorts } = await import('./preparing/preview-ports.ts');
  return previewPorts(config, { roots, records: ports.records, values: ports.values });
}
