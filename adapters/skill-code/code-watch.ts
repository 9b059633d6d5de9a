/** Adds the code of skills to what `skillos dev` watches. */
import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Catalogs } from '../../core/skills/catalog.ts';
import { sha256 } from '../../core/values/digest.ts';
import { bundleFolder } from '../storage/state.ts';
import { CODE_FOLDER, openSkillCode } from './bundles.ts';
import { freezeEntrypoints } from './check-entrypoints.ts';

type WatchedCatalogs = Pick<Catalogs, 'load' | 'fingerprint'>;

/** Findings include code that does not compile; the fingerprint changes with each file below implementations/. */
export function withCode(catalogs: WatchedCatalogs, folder: string): WatchedCatalogs {
  const root = resolve(folder);
  const code = openSkillCode({ root, storeDir: bundleFolder(root) }); // builds only what has changed
  const fingerprint = async () => sha256(`${await catalogs.fingerprint()}\n${await codeFingerprint(root)}`);
  return {
    fingerprint,
    async load() {
      const version = await fingerprint();
      const catalog = await catalogs.load();
      const findings = [...catalog.findings, ...(await freezeEntrypoints(catalog, code))];
      return { ...catalog, findings, version };
    },
  };
}

async function codeFingerprint(root: string): Promise<string> {
  const folder = join(root, CODE_FOLDER);
  const names = await readdir(folder, { recursive: true }).catch(() => []); // a root without code
  const stamps = names.map((name) => {
    const found = statSync(join(folder, name), { throwIfNoEntry: false });
    return `${name}:${found?.mtimeMs}:${found?.size}`;
  });
  return stamps.join('\n');
}
