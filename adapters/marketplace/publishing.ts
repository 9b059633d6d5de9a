/** Reads the files of a skill that become a package, and writes the catalogue. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { SkillosError } from '../../core/errors/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Draft } from '../../core/marketplace/publish.ts';
import { withPackage } from '../../core/marketplace/publish.ts';
import type { SkillEntry } from '../../core/skills/catalog.ts';
import { isComposed } from '../../core/skills/manifest.ts';
import { readYaml } from '../catalog/yaml.ts';
import { makeDir, safeJoin, writeAtomic } from '../files/files.ts';
import { withLock } from '../files/lock.ts';
import { bundle } from '../skill-code/bundler.ts';
import { resolveEntrypoint } from '../skill-code/bundles.ts';
import { readEntries } from './catalogue-source.ts';
import { catalogueFile, isAddress } from './catalogue-text.ts';

/** All files that the code imports. Rejects with `package_invalid` for what is no skill of its own, and with `code_invalid` for code that no package may have. */
export async function sourcesOf(root: string, entry: SkillEntry): Promise<Pick<Draft, 'manifest' | 'files'>> {
  if (isComposed(entry.manifest) || entry.manifest.package !== undefined) {
    const what = isComposed(entry.manifest) ? 'a composition' : 'a package already';
    throw new SkillosError('package_invalid', `"${entry.id}" cannot be published: it is ${what}`);
  }
  const base = realpathSync(root);
  const { file } = await resolveEntrypoint(base, entry.manifest.entrypoint);
  const { inputs } = await bundle(base, safeJoin(base, file));
  const files = inputs.map((input) => ({
    path: path.relative(base, input).split(path.sep).join('/'),
    bytes: readFileSync(input),
  }));
  await bundle(base, safeJoin(base, file), new Map(files.map((each) => [each.path, each.bytes]))); // as those who install it will
  const yaml = readYaml(readFileSync(safeJoin(base, entry.file)));
  if (yaml.status === 'refused')
    throw new SkillosError('manifest_invalid', `"${entry.file}": ${yaml.message}`);
  return { manifest: yaml.value as JsonObject, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) }; // the entry was read from it
}

/** Adds a package to a catalogue, a file or folder; the file is made if it is missing. Rejects with `usage`, `already_exists` or `catalog_invalid`. */
export async function publishTo(source: string, added: JsonObject): Promise<void> {
  if (isAddress(source)) {
    throw new SkillosError('usage', 'Expected --catalog to be a file or folder, got an address', {
      hint: 'Publish to a file, and upload it',
    });
  }
  const file = catalogueFile(source);
  await makeDir(path.dirname(path.resolve(file)));
  await withLock(`${file}.lock`, async () => {
    const entries: readonly JsonValue[] = existsSync(file) ? readEntries(file) : [];
    const text = `${JSON.stringify(withPackage(entries, added), null, 2)}\n`;
    await writeAtomic(file, text, { mode: 0o644 });
  });
}
