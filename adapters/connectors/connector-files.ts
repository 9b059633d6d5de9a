/** The definitions of connectors of a root; a file is parsed again only if it has changed. */
import { assembleConnectors } from '../../core/connectors/connector-file.ts';
import type { ConnectorSet } from '../../core/connectors/connector-file.ts';
import { connectorCache } from '../catalog/manifest-cache.ts';
import { listConnectorFiles, openRoot } from '../catalog/manifest-files.ts';

/** The function returned lists the files at every call, so that an edit counts for the next call. */
export function openConnectorFiles(root: string): () => ConnectorSet {
  const cache = connectorCache();
  let last: { readonly version: string; readonly set: ConnectorSet } | undefined;
  return () => {
    const base = openRoot(root);
    const files = listConnectorFiles(base);
    const version = files.map(({ file, stamp }) => `${file}\0${stamp}`).join('\n');
    if (last?.version === version) return last.set;
    const set = assembleConnectors(files.map((found) => cache.read(base, found)));
    cache.keep(files);
    last = { version, set };
    return set;
  };
}
