/** Loads the skills of a root from `metadata/` and `compositions/`; a file is parsed again only if it has changed. */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Catalog } from '../../core/skills/catalog.ts';
import { sha256 } from '../../core/values/digest.ts';
import type { Catalogs } from '../../core/skills/catalog.ts';
import { isComposed } from '../../core/skills/manifest.ts';
import { assembleCatalog, joinComposition } from '../../core/skills/validation.ts';
import type { ParsedComposition, ParsedManifest } from '../../core/skills/validation.ts';
import { MANIFEST_FOLDER, findDefinition, listDefinitions, readManifestFile } from './manifest-files.ts';
import type { ManifestFile } from './manifest-files.ts';
import { openRoot } from './skills-root.ts';
import { compositionFile, compositionCache, manifestCache } from './manifest-cache.ts';
import { readYaml } from './yaml.ts';
import type { LineOf } from './yaml.ts';

/** Files parsed per turn of the event loop, so that a worker's heartbeats continue. */
const PARSES_PER_TURN = 50;

/** Resolution of file times: two edits within it may have the same time. */
const CLOCK_TICK_MS = 20;

/** `root` is the folder as the user typed it. Every method rejects with `root_not_found` if it does not exist. */
export function openCatalog(root: string): Catalogs {
  const manifests = manifestCache();
  const compositions = compositionCache();
  let last: Catalog | undefined;

  /** Adds the composition's steps to a manifest of a composition; `findFile` finds their file. */
  function withComposition(
    base: string,
    reading: ParsedManifest,
    findFile: (file: string) => ManifestFile | undefined,
  ): ParsedManifest {
    const { entry } = reading;
    if (entry === undefined || !isComposed(entry.manifest)) return reading;
    const file = compositionFile(entry.id);
    const found = findFile(file);
    const joined = joinComposition(entry, file, found && compositions.read(base, found));
    return { ...joined, findings: [...reading.findings, ...joined.findings] };
  }

  async function load(): Promise<Catalog> {
    const base = openRoot(root);
    const files = await stable(() => listDefinitions(base));
    const version = versionOf(files);
    if (last?.version === version) return last;
    const others = new Map(files.filter((found) => !isManifest(found)).map((found) => [found.file, found]));
    const used = new Set<string>();
    const readings: ParsedManifest[] = [];
    const findFile = (file: string): ManifestFile | undefined => {
      used.add(file);
      return others.get(file);
    };
    let fresh = 0;
    for (const found of files.filter(isManifest)) {
      if (!manifests.isRead(found) && ++fresh % PARSES_PER_TURN === 0) await nextTurn();
      readings.push(withComposition(base, manifests.read(base, found), findFile));
    }
    manifests.keep(files);
    compositions.keep(files);
    const unused = [...others.values()].filter(({ file }) => !used.has(file));
    const notes = unused.map((found) => unusedNote(found.file, compositions.read(base, found)));
    last = { ...assembleCatalog([...readings, ...notes]), version };
    return last;
  }

  return {
    load,
    async fingerprint() {
      const base = openRoot(root);
      return versionOf(await stable(() => listDefinitions(base)));
    },
    async find(id) {
      const base = openRoot(root);
      for (const extension of ['yaml', 'yml']) {
        const [found] = await stable(() => findDefinition(base, `${MANIFEST_FOLDER}/${id}.${extension}`));
        const reading = found && manifests.read(base, found);
        if (reading?.entry?.id !== id) continue;
        if (!isComposed(reading.entry.manifest)) return reading.entry;
        const [composition] = await stable(() => findDefinition(base, compositionFile(id)));
        return withComposition(base, reading, () => composition).entry;
      }
      return (await load()).skills.get(id);
    },
  };
}

/** Returns a function from a field to its line in the file; undefined if the file cannot be read. */
export function locateFields(root: string, file: string): LineOf | undefined {
  const bytes = readManifestFile(openRoot(root), file);
  const yaml = bytes instanceof Uint8Array ? readYaml(bytes) : undefined;
  return yaml?.status === 'read' ? yaml.lineOf : undefined;
}

/** Lists again after a clock tick if a file has just changed, because a second edit could have the same time. */
async function stable(list: () => readonly ManifestFile[]): Promise<readonly ManifestFile[]> {
  const files = list();
  const newest = files.reduce((latest, { changedMs }) => Math.max(latest, changedMs), 0);
  const age = Date.now() - newest;
  if (age < 0 || age >= CLOCK_TICK_MS) return files;
  await sleep(CLOCK_TICK_MS - age);
  return list();
}

function isManifest({ file }: ManifestFile): boolean {
  return file === MANIFEST_FOLDER || file.startsWith(`${MANIFEST_FOLDER}/`);
}

/** Reports a composition file without a manifest. */
function unusedNote(file: string, { composition, findings }: ParsedComposition): ParsedManifest {
  if (composition === undefined) return { findings };
  const manifest = file.replace(/^[^/]*/, MANIFEST_FOLDER).replace(/\.json$/, '.yaml');
  const message = `expected the manifest ${manifest} for this composition`;
  return { findings: [{ severity: 'warning', rule: 'composition_unused', file, message }] };
}

function versionOf(files: readonly ManifestFile[]): string {
  return sha256(
    files.map(({ file, stamp, refusal }) => `${file}\0${stamp}\0${refusal?.rule ?? ''}\n`).join(''),
  );
}
