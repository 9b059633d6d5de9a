/** Stores bundles under their content hash. They are immutable, so a run keeps its code when sources change. */
import { existsSync } from 'node:fs';
import { readFile, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { canonicalJson, sha256 } from '../../core/values/digest.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import type { ContentStore } from '../../core/storage/blobs.ts';
import { makeDir, writeAtomic } from '../files/files.ts';
import { openUsedFiles } from '../storage/files/used-files.ts';

/** Content of `<hash>.json`, the file beside the code. */
export interface BundleMeta {
  readonly export: string;
  readonly inputs?: JsonValue;
  readonly outputs?: JsonValue;
  /** Present if the code runs in the sandbox alone. */
  readonly sandbox?: true;
  /** `host` or `host:port` that the code of a package may reach through connectors; absent for the operator's own code. */
  readonly hosts?: readonly string[];
  /** Entrypoint file below the root, skill and version of the first freeze; for people, not part of the hash. */
  readonly entry: string;
  readonly skill: string;
  readonly version: string;
}

export interface StoredBundle extends BundleMeta {
  readonly hash: string;
  /** Real path of the ES module. */
  readonly file: string;
  readonly code: string;
}

/** Stores the bundle unless it exists, and resolves to its hash. Rejects with `storage_unreachable`. */
export async function saveBundle(storeDir: string, code: string, meta: BundleMeta): Promise<string> {
  const hash = contentHash(code, meta);
  if (await useBundle(storeDir, hash)) return hash;
  const used = openUsedFiles(storeDir);
  const [module, terms] = pairOf(storeDir, hash);
  const write = async (): Promise<void> => {
    await makeDir(storeDir);
    await writeAtomic(terms, `${JSON.stringify(meta)}\n`);
    await writeAtomic(module, code);
  };
  await used.create(() => used.locked(module, write)); // a removal in progress would take one of the new files
  return hash;
}

/** Resolves to true if the bundle is there, which it is then for every run that is requested before now; see `storage gc`. */
export async function useBundle(storeDir: string, hash: string): Promise<boolean> {
  const size = await openUsedFiles(storeDir).use(path.join(storeDir, `${hash}.mjs`));
  return size !== undefined && hasBundle(storeDir, hash);
}

/** The bundles of a folder, and what the bundler remembers of their sources. */
export function collectableBundles(storeDir: string): ContentStore {
  return {
    removeUnused: (before, isDryRun) =>
      openUsedFiles(storeDir).removeUnused(filesIn(storeDir), { before, isDryRun }),
  };
}

async function* filesIn(storeDir: string): AsyncGenerator<readonly string[]> {
  const names = new Set(await readdir(storeDir).catch(() => [])); // no run has needed the folder yet
  for (const name of names) {
    const { name: hash, ext } = path.parse(name);
    if (ext === '.mjs') yield pairOf(storeDir, hash);
    // Also what a removal that was killed has left of a pair.
    else if (ext === '.json' && !names.has(`${hash}.mjs`)) yield [path.join(storeDir, name)];
  }
}

/** The code, whose time tells the last use, and its terms. */
function pairOf(storeDir: string, hash: string): readonly [string, string] {
  return [path.join(storeDir, `${hash}.mjs`), path.join(storeDir, `${hash}.json`)];
}

/** Synchronous: it takes two microseconds, and a hundred through the thread pool. */
export function hasBundle(storeDir: string, hash: string): boolean {
  return ['json', 'mjs'].every((type) => existsSync(path.join(storeDir, `${hash}.${type}`)));
}

/** Rejects with `code_unavailable` if the bundle is missing or does not match its hash. */
export async function loadBundle(storeDir: string, hash: string): Promise<StoredBundle> {
  try {
    if (!/^[0-9a-f]{64}$/.test(hash)) throw new TypeError('Not a content hash');
    const file = await realpath(path.join(storeDir, `${hash}.mjs`));
    const [code, text] = await Promise.all([
      readFile(file, 'utf8'),
      readFile(path.join(storeDir, `${hash}.json`), 'utf8'),
    ]);
    const meta = JSON.parse(text) as BundleMeta; // verified by the hash below
    if (contentHash(code, meta) !== hash) throw new TypeError('Content differs from its hash');
    return { ...meta, hash, file, code };
  } catch (error) {
    const shown = JSON.stringify(hash.slice(0, 12));
    throw new SkillosError('code_unavailable', `Frozen code ${shown} is not in the store`, { cause: error });
  }
}

/** The content hash. Fields that are absent are left out, so that the hashes of code without a sandbox stay what they were. */
export function contentHash(
  code: string,
  { export: name, inputs = null, outputs = null, sandbox, hosts }: BundleMeta,
): string {
  const fields = { code: sha256(code), export: name, inputs, outputs };
  return sha256(canonicalJson({ ...fields, ...(sandbox && { sandbox }), ...(hosts && { hosts }) }));
}
