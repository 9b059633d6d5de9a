/** The definitions of connectors of a root; a file is parsed again only if it has changed. */
import { statSync } from 'node:fs';
import { assembleConnectors } from '../../core/connectors/connector-file.ts';
import type { ConnectorSet } from '../../core/connectors/connector-file.ts';
import { connectorCache } from '../catalog/manifest-cache.ts';
import { listConnectorFiles } from '../catalog/manifest-files.ts';
import { openRoot } from '../catalog/skills-root.ts';
import { CLOCK_TICK_MS } from '../files/text-file.ts';

interface Reading {
  readonly version: string;
  readonly set: ConnectorSet;
  /** The folders and files that were looked at. */
  readonly paths: readonly string[];
  /** Of the paths; undefined if they may change without another stamp. */
  readonly stamp: string | undefined;
}

/**
 * The function returned looks for changes at every call, so that an edit counts for the next call. Without one it costs a
 * `stat` for each folder and file.
 */
export function openConnectorFiles(root: string): () => ConnectorSet {
  const cache = connectorCache();
  let last: Reading | undefined;

  function read(): Reading {
    const beganMs = Date.now();
    const base = openRoot(root);
    const { files, visited } = listConnectorFiles(base);
    const version = files.map(({ file, stamp }) => `${file}\0${stamp}`).join('\n');
    const paths = [...visited, ...files.map(({ file }) => file)].map((path) => `${root}/${path}`);
    const set =
      last?.version === version
        ? last.set
        : assembleConnectors(files.map((found) => cache.read(base, found)));
    cache.keep(files);
    return { version, set, paths, stamp: stampOf(paths, beganMs - CLOCK_TICK_MS) };
  }

  return () => {
    const isSame = last?.stamp !== undefined && last.stamp === stampOf(last.paths, Infinity);
    if (last === undefined || !isSame) last = read();
    return last.set;
  };
}

/**
 * Returns undefined without paths, if one of them has changed at `untilMs` (Unix milliseconds) or later, or if it cannot be
 * looked at.
 */
function stampOf(paths: readonly string[], untilMs: number): string | undefined {
  const stamps: string[] = [];
  try {
    for (const path of paths) {
      const { dev, ino, size, mtimeMs, ctimeMs } = statSync(path);
      if (ctimeMs >= untilMs) return undefined;
      stamps.push([dev, ino, size, mtimeMs, ctimeMs].join(' '));
    }
  } catch {
    return undefined; // such as a file that has gone
  }
  return stamps.length === 0 ? undefined : stamps.join('\n');
}
