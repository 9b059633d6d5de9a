/** Freezes the source of a skill as an immutable bundle; unchanged sources need no build. */
import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { SkillEntry } from '../../core/skills/catalog.ts';
import { canonicalJson, sha256 } from '../../core/values/digest.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { SkillCode } from '../../core/runs/skill-host.ts';
import { isComposed } from '../../core/skills/manifest.ts';
import { saveBundle, useBundle } from './bundle-store.ts';
import { openInstalledPackages } from '../marketplace/installed-packages.ts';
import type { InstalledPackages } from '../marketplace/installed-packages.ts';
import { bundle } from './bundler.ts';
import { makeDir, realpathBelow, safeJoin, writeAtomic } from '../files/files.ts';
import type { FileStamp } from '../files/file-stamps.ts';
import { isUnchanged, stampFiles } from '../files/file-stamps.ts';

interface Place {
  readonly root: string;
  readonly storeDir: string;
  /** Production trusts no key whose private half is published. Default false. */
  readonly production?: boolean;
}

interface Source extends Place {
  readonly packages: InstalledPackages;
}

interface Frozen {
  readonly hash: string;
  readonly seen: readonly FileStamp[];
}

/** Entrypoints lead here. */
export const CODE_FOLDER = 'implementations';
/** Extensions in order of precedence. */
const EXTENSIONS = ['ts', 'mts', 'js', 'mjs'] as const;
/** Part of every cache key; increase it when the bundler's options change. */
const CACHE_FORMAT = 1;

export function openSkillCode(place: Place): SkillCode {
  const source = { ...place, packages: openInstalledPackages(place.root, place.production ?? false) };
  const frozen = new Map<string, Frozen>();
  const turns = new Map<string, Promise<unknown>>();
  return {
    freeze(entry) {
      const key = cacheKey(source, entry);
      // One at a time, so that concurrent callers share a build and each sees edits made before its call.
      const turn = (turns.get(key) ?? Promise.resolve())
        .catch(() => undefined) // that failure belongs to another caller
        .then(() => freezeCached(source, entry, { key, frozen }));
      turns.set(key, turn);
      return turn.finally(() => turns.get(key) === turn && turns.delete(key));
    },
  };
}

interface Cache {
  readonly key: string;
  readonly frozen: Map<string, Frozen>;
}

async function freezeCached(place: Source, entry: SkillEntry, { key, frozen }: Cache): Promise<string> {
  const cacheFile = path.join(place.storeDir, `cache-${key}.json`);
  const known = frozen.get(key) ?? (await readCache(cacheFile));
  if (known && isUnchanged(place.root, known.seen) && (await useBundle(place.storeDir, known.hash))) {
    frozen.set(key, known);
    return known.hash;
  }
  const since = Date.now();
  const { hash, inputs } = await build(place, entry);
  const seen = stampFiles(await realpath(place.root), inputs, since);
  if (seen) {
    frozen.set(key, { hash, seen });
    await makeDir(place.storeDir);
    await writeAtomic(cacheFile, JSON.stringify({ hash, seen }));
  }
  return hash;
}

/**
 * Compiles the code of a skill without storing or running it; resolves to the names that it exports. Rejects as
 * `SkillCode.freeze` does.
 */
export async function compileSkill(root: string, entry: SkillEntry): Promise<readonly string[]> {
  const packages = openInstalledPackages(root, false);
  return (await compile({ root, packages }, entry)).exports;
}

async function build(source: Source, entry: SkillEntry) {
  const { id, manifest } = entry;
  const { file, exportName, code, inputs, hosts } = await compile(source, entry);
  const hash = await saveBundle(source.storeDir, code, {
    export: exportName,
    ...(manifest.inputs === undefined ? {} : { inputs: manifest.inputs }),
    ...(manifest.outputs === undefined ? {} : { outputs: manifest.outputs }),
    ...(hosts === undefined && manifest.sandbox !== true ? {} : { sandbox: true }),
    ...(hosts === undefined ? {} : { hosts }),
    entry: file,
    skill: id,
    version: manifest.version,
  });
  return { hash, inputs };
}

/** Of a package, what was signed is compiled; `hosts` are those that it may reach. */
async function compile({ root, packages }: Pick<Source, 'root' | 'packages'>, entry: SkillEntry) {
  const { id, manifest } = entry;
  if (isComposed(manifest)) {
    throw new SkillosError('entrypoint_invalid', `Composition "${id}" has no code of its own`);
  }
  const signed = packages.isPackage(entry) ? packages.verify(entry) : undefined;
  const { file, exportName } = await resolveEntrypoint(root, manifest.entrypoint);
  const base = await realpath(root);
  const contents = signed && new Map(signed.files.map((each) => [each.path, each.bytes()]));
  const { code, exports, inputs } = await bundle(root, safeJoin(base, file), contents);
  if (signed === undefined) for (const input of inputs) packages.refuseOwned(path.relative(base, input));
  if (!exports.includes(exportName)) {
    const found = exports.map((name) => JSON.stringify(name)).join(', ') || 'nothing';
    throw new SkillosError(
      'entrypoint_invalid',
      `Expected "${file}" to export "${exportName}" as an ES module: it exports ${found}`,
      { details: { file, expected: exportName } },
    );
  }
  const verified = signed === undefined ? [] : packages.filesOf(entry).map((each) => path.join(base, each));
  return {
    file,
    exportName,
    code,
    exports,
    inputs: [...inputs, ...verified],
    hosts: signed?.capabilities.hosts,
  };
}

/**
 * Resolves to the file's path below the root, with forward slashes. Rejects with `entrypoint_invalid`, and with
 * `path_outside_root` for a link that leaves implementations/.
 */
export async function resolveEntrypoint(
  root: string,
  entrypoint: string,
): Promise<{ readonly file: string; readonly exportName: string }> {
  const [module = '', exportName = ''] = entrypoint.split(':');
  const base = module.replaceAll('.', '/');
  for (const extension of EXTENSIONS) {
    const file = `${base}.${extension}`;
    const info = await stat(safeJoin(root, file)).catch(() => undefined);
    if (!info?.isFile()) continue;
    const folder = await realpathBelow(root, safeJoin(root, CODE_FOLDER));
    if ((await realpathBelow(root, safeJoin(root, file))).startsWith(folder + path.sep)) {
      return { file, exportName };
    }
    throw new SkillosError(
      'path_outside_root',
      `File "${file}" leads out of ${CODE_FOLDER}/ by a symbolic link`,
    );
  }
  const others = EXTENSIONS.slice(1).map((extension) => `.${extension}`);
  throw new SkillosError(
    'entrypoint_invalid',
    `Entrypoint ${JSON.stringify(entrypoint)} names no file: expected ${base}.ts (or ${others.join(', ')})`,
    { details: { entrypoint, expected: `${base}.ts` } },
  );
}

/** Production does not use what was verified by the rules of other deployments. */
function cacheKey({ packages, production = false }: Source, entry: SkillEntry): string {
  const { entrypoint, version, inputs = null, outputs = null, sandbox } = entry.manifest;
  const fields = { format: CACHE_FORMAT, id: entry.id, version, entrypoint, inputs, outputs };
  const terms = packages.isPackage(entry) ? { production } : { ...(sandbox && { sandbox }) };
  return sha256(canonicalJson({ ...fields, ...terms }));
}

/** Returns undefined for a damaged cache; the skill is then built again. */
async function readCache(file: string): Promise<Frozen | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isFrozen(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFrozen(value: unknown): value is Frozen {
  const { hash, seen } = (value ?? {}) as Partial<Frozen>;
  return typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash) && Array.isArray(seen) && seen.every(isSeen);
}

function isSeen(value: unknown): boolean {
  return Array.isArray(value) && typeof value[0] === 'string' && value.length === 5;
}
