/** Installs the local embedding model with a runtime that this machine can load. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { isSkillosError } from '../../core/errors/errors.ts';
import type { SkillosError } from '../../core/errors/errors.ts';
import { modelFiles, modelId, runtimeOf } from './model-files.ts';
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

/**
 * Leaves the model with one runtime in the cache. Takes WebAssembly, with a line that says why, where a library that nobody has
 * asked for does not load. Rejects with `embeddings_failed`.
 */
export async function installRuntime(installation: RuntimeInstallation): Promise<Installed> {
  const { models, runtime, onProgress } = installation;
  const chosen = runtime ?? runtimeOf(models);
  const installed = await install(installation, chosen);
  const fault = chosen === 'library' ? faultOfLibrary(installed.folder) : undefined;
  if (fault === undefined) {
    await remove(models, chosen === 'library' ? 'wasm' : 'library');
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
  const folder = path.join(models, modelId(runtime));
  return { folder, runtime, isNew: await installModel({ ...more, folder, files: filesOf(runtime) }) };
}

function faultOfLibrary(folder: string): SkillosError | undefined {
  try {
    loadLibrary(folder);
    return undefined;
  } catch (error) {
    if (!isSkillosError(error)) throw error;
    return error;
  }
}

/** A running process that has loaded it goes on. */
async function remove(models: string, runtime: Runtime): Promise<void> {
  await rm(path.join(models, modelId(runtime)), { recursive: true, force: true });
}
