/** Files of compositions below the root: the present content, and one file per version. */
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { COMPOSITION_FOLDER } from '../../core/skills/composition.ts';
import type { Composition } from '../../core/skills/composition.ts';
import type { CompositionStore } from '../../core/skills/composition-store.ts';
import { sortVersions, versionSchema } from '../../core/skills/composition-version.ts';
import type { CompositionVersion } from '../../core/skills/composition-version.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { domainOf, dotted } from '../../core/values/skill-id.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { COMPOSED_ENTRYPOINT } from '../../core/skills/manifest.ts';
import { isErrno, makeDir, realpathBelow, safeJoin, storageError, writeAtomic } from '../files/files.ts';
import { withLock } from '../files/lock.ts';
import { manifestHead, manifestText } from './manifest-text.ts';
import { createFiles } from '../files/create-files.ts';
import { compositionFile } from './manifest-cache.ts';

/** Hidden, so that version files are not listed as compositions. */
const VERSION_FOLDER = `${COMPOSITION_FOLDER}/.versions`;

export function openCompositions(root: string): CompositionStore {
  return {
    async exclusively(id, work) {
      const folder = path.join(root, 'runtime', 'locks');
      await makeDir(folder);
      return withLock(path.join(folder, `composition.${dotted(id)}`), work);
    },
    async versions(id) {
      const names = await versionFiles(root, id);
      return sortVersions(await Promise.all(names.map((name) => readVersion(root, id, name))));
    },
    async keep(version) {
      await createFiles(root, [
        { path: `${VERSION_FOLDER}/${version.id}/${version.version}.json`, content: textOf(version) },
      ]);
    },
    async create(composition, { name, description }) {
      const { id, version } = composition;
      const manifest = manifestText({
        id,
        name,
        description: description ?? `Composed skill for ${id}`,
        version,
        entrypoint: COMPOSED_ENTRYPOINT,
        tags: [domainOf(id), 'composed'],
      });
      await createFiles(root, [
        { path: compositionFile(id), content: textOf(composition) },
        { path: `metadata/${id}.yaml`, content: `${manifestHead(root)}${manifest}` }, // last, because a manifest makes the skill known
      ]);
    },
    async replace(composition) {
      const file = await realpathBelow(root, safeJoin(await realpath(root), compositionFile(composition.id)));
      await writeAtomic(file, textOf(composition), { mode: (await stat(file)).mode & 0o777 });
    },
  };
}

async function versionFiles(root: string, id: SkillId): Promise<readonly string[]> {
  try {
    const names = await readdir(safeJoin(root, VERSION_FOLDER, id));
    return names.filter((name) => /^\d[\d.]*\.json$/.test(name));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw storageError(`Cannot list the versions of "${id}"`, error);
  }
}

async function readVersion(root: string, id: SkillId, name: string): Promise<CompositionVersion> {
  const file = `${VERSION_FOLDER}/${id}/${name}`;
  try {
    const text = await readFile(safeJoin(root, file), 'utf8');
    const version = versionSchema.parse(JSON.parse(text));
    if (version.id === id && `${version.version}.json` === name) return version;
  } catch (cause) {
    throw corrupt(file, cause);
  }
  throw corrupt(file, undefined);
}

function corrupt(file: string, cause: unknown): SkillosError {
  return new SkillosError('state_corrupt', `File "${file}" is not a version of a composition`, { cause });
}

function textOf(document: Composition | CompositionVersion): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
