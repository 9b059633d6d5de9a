/** Files of deployments on a host, each in a folder named after its id. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { DeploymentContent, DeploymentContents } from '../../core/deployments/content.ts';
import type { TextRead } from '../files/text-file.ts';
import { POLICY_FILES, readPolicy } from '../preparing/policies.ts';
import type { PolicyFile } from '../preparing/policies.ts';
import { isBlobHash } from '../storage/blob.ts';
import {
  TEMP_PREFIX,
  createDurable,
  isErrno,
  makeDir,
  safeJoin,
  storageError,
  syncFolder,
} from '../files/files.ts';

interface Store {
  /** Folder of the folders. */
  readonly folder: string;
  readonly contents: DeploymentContents;
}

/**
 * Written last, beside the files of the root: a folder without it is not whole. Hidden files are read by nobody else.
 */
const INDEX_FILE = '.deployment.json';
/** Folders that are kept; those of other deployments are fetched again when a run needs them. */
const MAX_KEPT = 10;
/** Age at which nobody writes a temporary folder any more. */
const ABANDONED_MS = 3_600_000;
const WRITES_AT_ONCE = 32;

/** What is read at once from a folder, which may be removed between two reads. */
interface Index {
  /** Content hashes of bundles by `codeName`. */
  readonly code: DeploymentContent['code'];
  readonly policies: Readonly<Record<PolicyFile, TextRead>>;
}

/** False also for a folder that is being removed. */
export function isUnpacked(folder: string, id: string): boolean {
  return isBlobHash(id) && existsSync(path.join(folder, id, INDEX_FILE));
}

/**
 * Resolves to the folder with the files of a deployment, which it writes unless they are there. What the storage holds is
 * verified by its hash. `inUse` resolves to the ids of deployments whose folders must stay. Rejects as
 * `DeploymentContents.get` and `storageError` say.
 */
export async function unpack(
  { folder, contents }: Store,
  id: string,
  inUse: () => Promise<readonly string[]>,
): Promise<string> {
  const target = path.join(folder, id);
  if (isUnpacked(folder, id)) {
    await utimes(target, new Date(), new Date()).catch(() => undefined); // it only decides what is kept
    return target;
  }
  const content = await contents.get(id);
  const temp = tempFolder(folder);
  await writeContent(temp, content);
  await place(temp, target, () => isUnpacked(folder, id));
  await syncFolder(folder);
  await inUse().then(
    (ids) => removeOldest(folder, new Set([id, ...ids])),
    () => undefined, // without the active id nothing may be removed
  );
  return target;
}

/** Leaves a whole folder, for then another process was first; replaces one in which somebody has removed files. */
async function place(temp: string, target: string, isWhole: () => boolean): Promise<void> {
  const move = () => rename(temp, target);
  try {
    await move().catch(async () => {
      if (!isWhole()) await remove(target);
      await move();
    });
  } catch (error) {
    await rm(temp, { recursive: true, force: true });
    if (!isWhole()) throw storageError('Cannot store the deployment', error);
  }
}

/** Writes the files of a deployment into a new folder; they are durable when it resolves. */
export async function writeContent(folder: string, { files, code }: DeploymentContent): Promise<void> {
  try {
    const all = Object.entries(files).map(([name, file]) => [safeJoin(folder, name), bytesOf(file)] as const);
    const folders = new Set([folder, ...all.map(([file]) => path.dirname(file))]);
    for (const each of folders) await makeDir(each);
    const waiting = [...all];
    const writeNext = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
        await createDurable(next[0], next[1], 0o400);
    };
    await Promise.all(Array.from({ length: WRITES_AT_ONCE }, writeNext));
    await createDurable(path.join(folder, INDEX_FILE), JSON.stringify(indexOf(folder, code)), 0o400);
    for (const each of folders) await syncFolder(each);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw storageError('Cannot store the deployment', error);
  }
}

function indexOf(folder: string, code: DeploymentContent['code']): Index {
  const policies = Object.fromEntries(POLICY_FILES.map((name) => [name, readPolicy(folder, name)]));
  return { code, policies: policies as Index['policies'] }; // each name is there
}

export async function readIndex(folder: string): Promise<Index> {
  try {
    return JSON.parse(await readFile(path.join(folder, INDEX_FILE), 'utf8')) as Index;
  } catch (error) {
    throw storageError('Cannot read the deployment', error);
  }
}

function bytesOf(file: DeploymentContent['files'][string]): Uint8Array {
  return typeof file === 'string' ? Buffer.from(file) : Buffer.from(file.base64, 'base64');
}

export function tempFolder(folder: string): string {
  return path.join(folder, `${TEMP_PREFIX}${randomBytes(8).toString('hex')}`);
}

/** Also removes what a killed process has left. Faults do not matter: the next deployment tries again. */
async function removeOldest(folder: string, inUse: ReadonlySet<string>): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const info = await stat(path.join(folder, name)).catch((error: unknown) => {
        if (isErrno(error, 'ENOENT')) return undefined;
        throw error;
      });
      return { name, usedMs: info?.mtimeMs ?? 0 };
    }),
  );
  const isTemp = ({ name }: { readonly name: string }) => name.startsWith(TEMP_PREFIX);
  const abandoned = found.filter((each) => isTemp(each) && each.usedMs < Date.now() - ABANDONED_MS);
  const old = found
    .filter((each) => !isTemp(each))
    .sort((a, b) => b.usedMs - a.usedMs)
    .slice(MAX_KEPT)
    .filter(({ name }) => !inUse.has(name));
  const removed = [...abandoned, ...old].map(({ name }) => remove(path.join(folder, name)));
  await Promise.all(removed.map((each) => each.catch(() => undefined)));
}

/** Takes the name away first, so that nobody finds a part of the folder. A missing folder is no fault. */
async function remove(target: string): Promise<void> {
  const temp = tempFolder(path.dirname(target));
  try {
    await rename(target, temp);
    await rm(temp, { recursive: true, force: true });
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw storageError('Cannot remove an old deployment', error);
  }
}
