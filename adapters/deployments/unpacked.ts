/** Files of deployments on a host, each in a folder named after its id. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { DeploymentContent, DeploymentContents } from '../../core/deployments/content.ts';
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

interface Place {
  /** Folder of the folders. */
  readonly folder: string;
  readonly contents: DeploymentContents;
}

/** Beside the files of the root; hidden files are read by nobody else. */
const CODE_FILE = '.code.json';
/** Folders that are kept; those of other deployments are fetched again when a run needs them. */
const MAX_KEPT = 10;
const WRITES_AT_ONCE = 32;

export function isUnpacked(folder: string, id: string): boolean {
  return isBlobHash(id) && existsSync(path.join(folder, id));
}

/**
 * Resolves to the folder with the files of a deployment, which it writes unless they are there. What the storage holds is
 * verified by its hash. Rejects as `DeploymentContents.get` and `storageError` say.
 */
export async function unpack({ folder, contents }: Place, id: string): Promise<string> {
  const target = path.join(folder, id);
  if (isUnpacked(folder, id)) {
    await utimes(target, new Date(), new Date()).catch(() => undefined); // it only decides what is kept
    return target;
  }
  const content = await contents.get(id);
  const temp = path.join(folder, `${TEMP_PREFIX}${randomBytes(8).toString('hex')}`);
  await writeContent(temp, content);
  await rename(temp, target).catch(async (error: unknown) => {
    await rm(temp, { recursive: true, force: true });
    if (!isUnpacked(folder, id)) throw storageError('Cannot store the deployment', error); // else another process was first
  });
  await syncFolder(folder);
  await removeOldest(folder);
  return target;
}

/** Writes the files of a deployment into a new folder; they are durable when it resolves. */
export async function writeContent(folder: string, { files, code }: DeploymentContent): Promise<void> {
  try {
    const all = Object.entries(files).map(([name, file]) => [safeJoin(folder, name), bytesOf(file)] as const);
    const folders = new Set([folder, ...all.map(([file]) => path.dirname(file))]);
    for (const each of folders) await makeDir(each);
    const waiting = [...all, [path.join(folder, CODE_FILE), Buffer.from(JSON.stringify(code))] as const];
    const writeNext = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
        await createDurable(next[0], next[1], 0o400);
    };
    await Promise.all(Array.from({ length: WRITES_AT_ONCE }, writeNext));
    for (const each of folders) await syncFolder(each);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw storageError('Cannot store the deployment', error);
  }
}

/** Content hashes of bundles by `codeName`. */
export async function readCode(folder: string): Promise<ReadonlyMap<string, string>> {
  try {
    const code = JSON.parse(await readFile(path.join(folder, CODE_FILE), 'utf8')) as Record<string, string>;
    return new Map(Object.entries(code));
  } catch (error) {
    throw storageError('Cannot read the deployment', error);
  }
}

function bytesOf(file: DeploymentContent['files'][string]): Uint8Array {
  return typeof file === 'string' ? Buffer.from(file) : Buffer.from(file.base64, 'base64');
}

/** Also removes what a killed process has left. Faults do not matter: the next deployment tries again. */
async function removeOldest(folder: string): Promise<void> {
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
  const old = found.sort((a, b) => b.usedMs - a.usedMs).slice(MAX_KEPT);
  await Promise.all(
    old.map(({ name }) =>
      rm(path.join(folder, name), { recursive: true, force: true }).catch(() => undefined),
    ),
  );
}
