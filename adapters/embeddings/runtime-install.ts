/** Installs the local embedding model with a runtime that this machine can load. */
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isSkillosError } from '../../core/errors/errors.ts';
import type { SkillosError } from '../../core/errors/errors.ts';
import { TEMP_PREFIX, makeDir } from '../files/files.ts';
import { withLock } from '../files/lock.ts';
import { isInstalled, modelFiles, modelId, runtimeOf } from './model-files.ts';
import type { ModelFile, Runtime } from './model-files.ts';
import { installModel } from './model-install.ts';
import type { Installation } from './model-install.ts';
import { loadLibrary } from './onnx.ts';

interface RuntimeInstallation extends Omit<Installation, 'folder' | 'files'> {
  /** The folder of all models. */
  readonly models: string;
  /** Default: the installed one, otherwise the faster one that loads. */
  readonly runtime?: Runtime | undefined;
  readonly filesOf?: (runtime: Runtime) => readonly ModelFile[];
}

interface Installed {
  readonly folder: string;
  readonly runtime: Runtime;
  /** False if the files were there already. */
  readonly isNew: boolean;
}

const LOCK_PATIENCE_MS = 20 * 60_000;

/**
 * Leaves the model with one runtime in the cache. Takes WebAssembly, with a line that says why, where a library that nobody has
 * asked for does not load. Writes nothing if the model is there already. Rejects with `embeddings_failed`.
 */
export async function installRuntime(installation: RuntimeInstallation): Promise<Installed> {
  const { models } = installation;
  const present = await presentRuntime(installation);
  if (present !== undefined) return present;
  await makeDir(models);
  // Of two installations that each remove the runtime of the other, none would remain.
  return withLock(path.join(models, 'install.lock'), () => replaceRuntime(installation), {
    timeoutMs: LOCK_PATIENCE_MS,
  });
}

/** The installation that is asked for, if the cache holds it and nothing else. */
async function presentRuntime(installation: RuntimeInstallation): Promise<Installed | undefined> {
  const { models, runtime = runtimeOf(models), filesOf = modelFiles } = installation;
  const folder = folderOf(models, runtime);
  if (existsSync(folderOf(models, otherThan(runtime)))) return undefined;
  if (!(await isInstalled(folder, filesOf(runtime)))) return undefined;
  return faultOf(runtime, folder) === undefined ? { folder, runtime, isNew: false } : undefined;
}

async function replaceRuntime(installation: RuntimeInstallation): Promise<Installed> {
  const { models, runtime, onProgress } = installation;
  const chosen = runtime ?? runtimeOf(models);
  const installed = await install(installation, chosen);
  const fault = faultOf(chosen, installed.folder);
  if (fault === undefined) {
    await remove(models, otherThan(chosen));
    return installed;
  }
  if (runtime !== undefined) {
    await remove(models, runtime);
    throw fault;
  }
  onProgress(`${fault.message}; taking WebAssembly instead`);
  const replaced = await install(installation, 'wasm');
  await remove(models, 'library');
  return replaced;
}

async function install(
  { models, filesOf = modelFiles, ...more }: RuntimeInstallation,
  runtime: Runtime,
): Promise<Installed> {
  const folder = folderOf(models, runtime);
  return { folder, runtime, isNew: await installModel({ ...more, folder, files: filesOf(runtime) }) };
}

function folderOf(models: string, runtime: Runtime): string {
  return path.join(models, modelId(runtime));
}

function otherThan(runtime: Runtime): Runtime {
  return runtime === 'library' ? 'wasm' : 'library';
}

/** Why the runtime does not load. WebAssembly always does. */
function faultOf(runtime: Runtime, folder: string): SkillosError | undefined {
  if (runtime === 'wasm') return undefined;
  try {
    loadLibrary(folder);
    return undefined;
  } catch (error) {
    if (!isSkillosError(error)) throw error;
    return error;
  }
}

/**
 * Renamed first, because a folder of which a part is left would count as installed; the next installation removes what is left
 * of it then. A running process that has loaded the model goes on.
 */
async function remove(models: string, runtime: Runtime): Promise<void> {
  const folder = folderOf(models, runtime);
  if (!existsSync(folder)) return;
  const doomed = path.join(models, `${TEMP_PREFIX}${path.basename(folder)}`);
  await rm(doomed, { recursive: true, force: true });
  await rename(folder, doomed);
  await rm(doomed, { recursive: true, force: true });
}
