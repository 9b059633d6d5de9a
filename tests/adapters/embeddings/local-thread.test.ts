import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { installModel } from '../../../adapters/embeddings/model-install.ts';
import { modelFiles, modelFolder } from '../../../adapters/embeddings/model-files.ts';
import { packageFile } from '../../../adapters/machine/package.ts';
import { unitVector } from '../../../core/routing/embedder.ts';
import { PROCESSES_TIMEOUT_MS } from '../../support/processes.ts';

const TEXTS = ['play some jazz', 'Überweise 50 € an Zoë', 'word '.repeat(300), '!'];
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

test(
  'the runtime of this machine and WebAssembly give the same vectors',
  async () => {
    const { env } = process;
    const own = modelFolder({ cacheDir: undefined }, env);
    const wasm = `${own}-wasm`;
    await installModel({ folder: own, env, onProgress: () => undefined });
    await installModel({ folder: wasm, env, onProgress: () => undefined, files: modelFiles('wasm') });
    const [first, second] = [await vectorsBy(own), await vectorsBy(wasm)];
    const cosines = first.map((vector, text) =>
      vector.reduce((sum, value, at) => sum + value * (second[text]?.[at] ?? 0), 0),
    );
    expect(cosines.map((cosine) => cosine.toFixed(5))).toEqual(TEXTS.map(() => '1.00000'));
  },
  PROCESSES_TIMEOUT_MS,
);
