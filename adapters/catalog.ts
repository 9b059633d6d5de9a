/** The skills of a root, read from `metadata/`: each file on its own, and again only when it changed. */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Catalog, Finding } from '../core/catalog.ts';
import { sha256 } from '../core/digest.ts';
import type { Catalogs } from '../core/ports.ts';
import { assembleCatalog, readManifest } from '../core/validation.ts';
import type { ManifestReading } from '../core/validation.ts';
import {
  MANIFEST_FOLDER,
  findManifest,
  listManifests,
  openRoot,
  readManifestFile,
} from './manifest-files.ts';
import type { ManifestFile } from './manifest-files.ts';
import { readYaml } from './yaml.ts';
import type { LineOf, Refusal } from './yaml.ts';

/** Parses between two turns of the event loop, so that a worker's heartbeats go on. */
const PARSES_PER_TURN = 50;

/** Within it a second edit may bear the same time as the first. */
const CLOCK_TICK_MS = 20;

interface Parsed {
  readonly stamp: string;
  readonly reading: ManifestReading;
}

/** `root` is the folder as the user named it. Every method rejects with `root_not_found` where it is none. */
export function openCatalog(root: string): Catalogs {
  let parsed = new Map<string, Parsed>();
  let last: Catalog | undefined;

  function read(base: string, found: ManifestFile): Parsed {
    const known = parsed.get(found.file);
    if (known?.stamp === found.stamp) return known;
    const fresh = { stamp: found.stamp, reading: readingOf(base, found) };
    parsed.set(found.file, fresh);
    return fresh;
  }

  async function load(): Promise<Catalog> {
    const base = openRoot(root);
    const files = await settled(() => listManifests(base));
    const version = versionOf(files);
    if (last?.version === version) return last;
    const current = new Map<string, Parsed>();
    let fresh = 0;
    for (const found of files) {
      if (parsed.get(found.file)?.stamp !== found.stamp && ++fresh % PARSES_PER_TURN === 0) await nextTurn();
      current.set(found.file, read(base, found));
    }
    parsed = current;
    last = { ...assembleCatalog([...current.values()].map(({ reading }) => reading)), version };
    return last;
  }

  return {
    load,
    async fingerprint() {
      const base = openRoot(root);
      return versionOf(await settled(() => listManifests(base)));
    },
    async find(id) {
      const base = openRoot(root);
      for (const extension of ['yaml', 'yml']) {
        const [found] = await settled(() => findManifest(base, `${MANIFEST_FOLDER}/${id}.${extension}`));
        const entry = found && read(base, found).reading.entry;
        if (entry?.id === id) return entry;
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

function readingOf(base: string, { file, refusal }: ManifestFile): ManifestReading {
  if (refusal !== undefined) return { findings: [findingOf(file, refusal)] };
  const bytes = readManifestFile(base, file);
  if (!(bytes instanceof Uint8Array)) return { findings: [findingOf(file, bytes)] };
  const yaml = readYaml(bytes);
  if (yaml.status === 'refused') return { findings: [findingOf(file, yaml)] };
  return readManifest({ file, value: yaml.value, lineOf: yaml.lineOf });
}

function findingOf(file: string, { rule, message, line }: Refusal): Finding {
  return { severity: 'error', rule, file, message, ...(line === undefined ? {} : { line }) };
}

function versionOf(files: readonly ManifestFile[]): string {
  return sha256(
    files.map(({ file, stamp, refusal }) => `${file}\0${stamp}\0${refusal?.rule ?? ''}\n`).join(''),
  );
}
