/** The skills of a root, from `metadata/` and `compositions/`: each file on its own, and again only when it changed. */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Catalog } from '../core/catalog.ts';
import { sha256 } from '../core/digest.ts';
import type { Catalogs } from '../core/ports.ts';
import { isComposed } from '../core/skill.ts';
import { assembleCatalog, joinComposition } from '../core/validation.ts';
import type { CompositionReading, ManifestReading } from '../core/validation.ts';
import {
  MANIFEST_FOLDER,
  findDefinition,
  listDefinitions,
  openRoot,
  readManifestFile,
} from './manifest-files.ts';
import type { ManifestFile } from './manifest-files.ts';
import { compositionFile, compositionReadings, manifestReadings } from './readings.ts';
import { readYaml } from './yaml.ts';
import type { LineOf } from './yaml.ts';

/** Parses between two turns of the event loop, so that a worker's heartbeats go on. */
const PARSES_PER_TURN = 50;

/** Within it a second edit may bear the same time as the first. */
const CLOCK_TICK_MS = 20;

/** `root` is the folder as the user named it. Every method rejects with `root_not_found` where it is none. */
export function openCatalog(root: string): Catalogs {
  const manifests = manifestReadings();
  const compositions = compositionReadings();
  let last: Catalog | undefined;

  /** With its composition, where it is one; `findFile` says where that stands. */
  function withComposition(
    base: string,
    reading: ManifestReading,
    findFile: (file: string) => ManifestFile | undefined,
  ): ManifestReading {
    const { entry } = reading;
    if (entry === undefined || !isComposed(entry.manifest)) return reading;
    const file = compositionFile(entry.id);
    const found = findFile(file);
    const joined = joinComposition(entry, file, found && compositions.read(base, found));
    return { ...joined, findings: [...reading.findings, ...joined.findings] };
  }

  async function load(): Promise<Catalog> {
    const base = openRoot(root);
    const files = await settled(() => listDefinitions(base));
    const version = versionOf(files);
    if (last?.version === version) return last;
    const others = new Map(files.filter((found) => !isManifest(found)).map((found) => [found.file, found]));
    const used = new Set<string>();
    const readings: ManifestReading[] = [];
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
    const orphans = unused.map((found) => orphan(found.file, compositions.read(base, found)));
    last = { ...assembleCatalog([...readings, ...orphans]), version };
    return last;
  }

  return {
    load,
    async fingerprint() {
      const base = openRoot(root);
      return versionOf(await settled(() => listDefinitions(base)));
    },
    async find(id) {
      const base = openRoot(root);
      for (const extension of ['yaml', 'yml']) {
        const [found] = await settled(() => findDefinition(base, `${MANIFEST_FOLDER}/${id}.${extension}`));
        const reading = found && manifests.read(base, found);
        if (reading?.entry?.id !== id) continue;
        if (!isComposed(reading.entry.manifest)) return reading.entry;
        const [composition] = await settled(() => findDefinition(base, compositionFile(id)));
        return withComposition(base, reading, () => composition).entry;
      }
      return (await load()).skills.get(id);
    },
  };
}

/** Where in the file a field stands, for findings about skills that do load. */
export function locateFields(root: string, file: string): LineOf | undefined {
  const bytes = readManifestFile(openRoot(root), file);
  const yaml = bytes instanceof Uint8Array ? readYaml(bytes) : undefined;
  return yaml?.status === 'read' ? yaml.lineOf : undefined;
}

/** Looks again after a clock tick when a file has just changed, so that no edit hides behind an equal time. */
async function settled(look: () => readonly ManifestFile[]): Promise<readonly ManifestFile[]> {
  const files = look();
  const newest = files.reduce((latest, { changedMs }) => Math.max(latest, changedMs), 0);
  const age = Date.now() - newest;
  if (age < 0 || age >= CLOCK_TICK_MS) return files;
  await sleep(CLOCK_TICK_MS - age);
  return look();
}

function isManifest({ file }: ManifestFile): boolean {
  return file === MANIFEST_FOLDER || file.startsWith(`${MANIFEST_FOLDER}/`);
}

/** A composition that no manifest makes known. */
function orphan(file: string, { composition, findings }: CompositionReading): ManifestReading {
  if (composition === undefined) return { findings };
  const manifest = file.replace(/^[^/]*/, MANIFEST_FOLDER).replace(/\.json$/, '.yaml');
  const message = `expected the manifest ${manifest} to go with it`;
  return { findings: [{ severity: 'warning', rule: 'composition_unused', file, message }] };
}

function versionOf(files: readonly ManifestFile[]): string {
  return sha256(
    files.map(({ file, stamp, refusal }) => `${file}\0${stamp}\0${refusal?.rule ?? ''}\n`).join(''),
  );
}
