import { execFile } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { modelFiles, modelsFolder } from '../../../adapters/embeddings/model-files.ts';
import { installModel } from '../../../adapters/embeddings/model-install.ts';
import { installRuntime } from '../../../adapters/embeddings/runtime-install.ts';
import { packageFile } from '../../../adapters/machine/package.ts';
import { unitVector } from '../../../core/routing/embedder.ts';
import { parseConfig } from '../../../core/settings/config.ts';
import { PROCESSES_TIMEOUT_MS } from '../../support/processes.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const TEXTS = ['play some jazz', 'Überweise 50 € an Zoë', 'word '.repeat(300), '!'];
/** The first numbers of the first text, by the library and by WebAssembly: a machine may have only one of them. */
const KNOWN = [0.063, -0.039, 0.014, -0.002, -0.122, 0.088, 0.102, -0.054];
const PROGRAM = `
  const [, thread, folder, texts] = process.argv;
  const worker = new (require('node:worker_threads').Worker)(thread, { env: {}, workerData: { folder } });
  worker.postMessage({ id: 0, texts: JSON.parse(texts) });
  worker.once('message', ({ vectors, failure }) => {
    console.log(failure ?? JSON.stringify(vectors.map((vector) => [...vector])));
    worker.unref();
  });`;

/** In a process of its own, whose end waits for V8 to compile WebAssembly. */
async function vectorsBy(folder: string): Promise<readonly Float32Array[]> {
  const args = ['-e', PROGRAM, packageFile('dist/embedding-thread.mjs'), folder, JSON.stringify(TEXTS)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return (JSON.parse(stdout) as number[][]).map((vector) => unitVector(vector) as Float32Array);
}

/** The folder that the tests share, and one with the same model in WebAssembly, of which only the runtime is fetched. */
async function foldersOfRuntimes(): Promise<readonly string[]> {
  const { env } = process;
  const options = { env, onProgress: () => undefined };
  const models = modelsFolder(parseConfig(env), env);
  const { folder: own, runtime } = await installRuntime({ ...options, models });
  if (runtime === 'wasm') return [own];
  const wasm = path.join(tempFolder(), 'wasm');
  const needed = modelFiles('wasm');
  const shared = modelFiles('library');
  const files = needed.filter((file) => !shared.includes(file));
  await installModel({ ...options, folder: wasm, files });
  for (const { name } of needed.filter((file) => shared.includes(file)))
    copyFileSync(path.join(own, name), path.join(wasm, name));
  return [own, wasm];
}

test(
  'the runtimes of this machine give the same vectors, which are those of other machines',
  async () => {
    const [first = [], second = first] = await Promise.all((await foldersOfRuntimes()).map(vectorsBy));
    const cosines = first.map((vector, text) =>
      vector.reduce((sum, value, at) => sum + value * (second[text]?.[at] ?? 0), 0),
    );
    expect(cosines.map((cosine) => cosine.toFixed(5))).toEqual(TEXTS.map(() => '1.00000'));
    KNOWN.forEach((value, at) => expect(first[0]?.[at]).toBeCloseTo(value, 2));
  },
  PROCESSES_TIMEOUT_MS,
);
