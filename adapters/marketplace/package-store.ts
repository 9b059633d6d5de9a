/**
 * Writes packages into a skills root. All files are staged first, then one file names the moves; from then on they are
 * completed, by the next change if this process dies.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { SkillosError } from '../../core/errors/errors.ts';
import { KEYRING_FILE } from '../../core/marketplace/keyring.ts';
import { canonicalText } from '../../core/marketplace/signed-text.ts';
import type { SkillPackage } from '../../core/marketplace/package.ts';
import { LOCK_FILE, lockText, signedFields } from '../../core/marketplace/package-lock.ts';
import type { LockEntry, PackageLock } from '../../core/marketplace/package-lock.ts';
import { manifestPath } from '../../core/marketplace/package-paths.ts';
import type { PackageChange, PackageStore } from '../../core/marketplace/package-store.ts';
import { sha256 } from '../../core/values/digest.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { refuseExisting } from '../files/create-files.ts';
import {
  createDurable,
  isErrno,
  makeDir,
  realpathBelow,
  safeJoin,
  storageError,
  syncFolder,
  writeAtomic,
} from '../files/files.ts';
import { withLock } from '../files/lock.ts';
import { readTextFile } from '../files/text-file.ts';
import { isManifestOf, manifestYaml } from './manifest-yaml.ts';
import { MAX_LOCK_BYTES, changedFiles, documentPath, keyringOf, lockOf, packageOf } from './package-files.ts';

const FOLDER = 'marketplace';
const STAGED = `${FOLDER}/.staged`;
/** The change that is being made. */
export const PENDING_FILE = `${FOLDER}/.pending.json`;

interface Pending {
  /** Staged name and path below the root, in order. */
  readonly moves: readonly (readonly [string, string])[];
  /** Paths below the root. */
  readonly removes: readonly string[];
}

/** `root` is a real path. */
export function openPackageStore(root: string): PackageStore {
  const at = (file: string) => safeJoin(root, file);
  const read = (file: string) => readTextFile(at(file), MAX_LOCK_BYTES);
  return {
    exclusively: async (work) => {
      await makeDir(at(FOLDER));
      return withLock(at(`${FOLDER}/.lock`), async () => {
        await complete(root);
        return work();
      });
    },
    lock: () => lockOf(read(LOCK_FILE)),
    packageOf: (id, entry) => packageOf(root, id, entry),
    findings: (lock) => [...lock].flatMap(([id, entry]) => findingsOf(root, id, entry)),
    entryOf,
    refuseTaken: (found, entry) => refuseTaken(root, found, entry),
    apply: (change) => apply(root, change),
    keyring: () => keyringOf(read(KEYRING_FILE)),
    saveKeyring: async (keyring) => {
      await makeDir(at(FOLDER));
      await writeAtomic(at(KEYRING_FILE), `${JSON.stringify(keyring, null, 2)}\n`, { mode: 0o644 });
    },
  };
}

function entryOf(found: SkillPackage, given: Pick<LockEntry, 'source' | 'explicit'>): LockEntry {
  const { version, key_id, dependencies, capabilities, files } = signedFields(found);
  return {
    version,
    ...given,
    key_id,
    dependencies,
    capabilities,
    sha256: sha256(documentText(found)),
    files: { ...files, [manifestPath(found.id)]: sha256(manifestYaml(found)) },
  };
}

function documentText({ document }: SkillPackage): string {
  return canonicalText(document) as string; // its signature was verified over the same text
}

function findingsOf(root: string, id: SkillId, entry: LockEntry) {
  const changed = new Set(changedFiles(root, entry));
  try {
    const found = packageOf(root, id, entry);
    const manifest = manifestPath(id);
    if (!changed.has(manifest) && !isManifestOf(readFileSync(path.join(root, manifest)), found))
      changed.add(manifest);
  } catch (error) {
    if (!(error instanceof SkillosError)) throw error;
    const file = error.details?.['file'];
    changed.add(typeof file === 'string' ? file : id);
  }
  return [...changed].map((file) => ({ id, message: `"${file}" was changed or removed` }));
}

async function refuseTaken(root: string, found: SkillPackage, entry: LockEntry | undefined): Promise<void> {
  const own = new Set(Object.keys(entry?.files ?? {}));
  const { id } = found;
  const home = `implementations/${id}`;
  const folder = path.dirname(home);
  const beside = namesIn(path.join(root, folder))
    .map((name) => `${folder}/${name}`)
    .filter((file) => file === home || file.toLowerCase().startsWith(`${home}.`));
  const isOwn = (file: string) =>
    own.has(file) || (file === home && [...own].some((each) => each.startsWith(`${home}/`)));
  const fixed = [`metadata/${id}.yaml`, `metadata/${id}.yml`, `compositions/${id}.json`];
  const targets = found.files.map((file) => file.path);
  for (const file of new Set([...fixed, ...beside, ...targets])) {
    if (!isOwn(file)) await refuseExisting(root, file);
  }
  for (const file of [manifestPath(id), documentPath(id), ...targets]) await refuseLinked(root, file);
}

/** A folder that is a link would put the file elsewhere. */
async function refuseLinked(root: string, file: string): Promise<void> {
  const target = safeJoin(root, file);
  if ((await realpathBelow(root, target)) === target) return;
  throw new SkillosError(
    'path_outside_root',
    `Path "${file}" goes through a symbolic link: expected folders alone`,
  );
}

async function apply(root: string, { write, remove, lock }: PackageChange): Promise<void> {
  const before = lockOf(readTextFile(path.join(root, LOCK_FILE), MAX_LOCK_BYTES));
  const contents = contentsOf(write, lock);
  const kept = new Set(contents.map(([file]) => file));
  const gone = [...write.map(({ id }) => id), ...remove].flatMap((id) => oldFilesOf(id, before.get(id)));
  try {
    await mkdir(path.join(root, STAGED), { recursive: true });
    for (const [index, [, content]] of contents.entries()) {
      await createDurable(path.join(root, STAGED, String(index)), content, 0o644);
    }
    await syncFolder(path.join(root, STAGED));
    const pending: Pending = {
      moves: contents.map(([file], index) => [String(index), file]),
      removes: gone.filter((file) => !kept.has(file)),
    };
    const tempFolder = path.join(root, STAGED); // which is removed in any case
    await writeAtomic(path.join(root, PENDING_FILE), JSON.stringify(pending), { tempFolder });
  } catch (error) {
    await withdraw(root).catch(() => undefined); // the first error is the one to report
    throw storageError('Cannot stage the packages', error);
  }
  await complete(root);
}

/** The file that names the moves first: without what is staged, it would remove the old files and bring no new ones. */
async function withdraw(root: string): Promise<void> {
  await rm(path.join(root, PENDING_FILE), { force: true });
  await rm(path.join(root, STAGED), { recursive: true, force: true });
}

/** Code first, and manifests, which make a skill known, last. */
function contentsOf(
  write: readonly SkillPackage[],
  lock: PackageLock,
): readonly (readonly [string, string | Uint8Array])[] {
  return [
    ...write.flatMap(({ files }) => files.map((file) => [file.path, file.bytes()] as const)),
    ...write.map((found) => [documentPath(found.id), documentText(found)] as const),
    [LOCK_FILE, lockText(lock)],
    ...write.map((found) => [manifestPath(found.id), manifestYaml(found)] as const),
  ];
}

/** The manifest first, so that no manifest is there without its code. */
function oldFilesOf(id: SkillId, entry: LockEntry | undefined): readonly string[] {
  if (entry === undefined) return [];
  return [...new Set([manifestPath(id), ...Object.keys(entry.files), documentPath(id)])];
}

/** Makes the moves of a change that was decided, or removes what was staged for one that was not. */
async function complete(root: string): Promise<void> {
  const pendingFile = path.join(root, PENDING_FILE);
  try {
    if (existsSync(pendingFile)) {
      const pending = JSON.parse(await readFile(pendingFile, 'utf8')) as Pending; // written by `apply`, as a whole
      for (const file of pending.removes) await removeFile(root, file);
      for (const [staged, file] of pending.moves) await move(root, path.join(root, STAGED, staged), file);
      await rm(pendingFile);
      await syncFolder(path.join(root, FOLDER));
    }
    await rm(path.join(root, STAGED), { recursive: true, force: true });
  } catch (error) {
    throw storageError(
      'Cannot complete the change of packages; the next marketplace command tries again',
      error,
    );
  }
}

async function move(root: string, staged: string, file: string): Promise<void> {
  const target = safeJoin(root, file);
  if (!existsSync(staged)) return; // moved before the interruption
  await mkdir(path.dirname(target), { recursive: true });
  await rename(staged, target);
  await syncFolder(path.dirname(target));
}

/** Removes folders that become empty too. */
async function removeFile(root: string, file: string): Promise<void> {
  await rm(safeJoin(root, file), { force: true });
  for (let folder = path.dirname(file); folder.includes('/'); folder = path.dirname(folder)) {
    try {
      await rmdir(path.join(root, folder));
    } catch (error) {
      if (isErrno(error, 'ENOTEMPTY')) return;
      if (!isErrno(error, 'ENOENT')) throw error;
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}
