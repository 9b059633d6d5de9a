import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LIBRARY_FILE, RUNTIMES_HERE, modelId, runtimeOf } from '../../../adapters/embeddings/model-files.ts';
import type { Runtime } from '../../../adapters/embeddings/model-files.ts';
import { installRuntime } from '../../../adapters/embeddings/runtime-install.ts';
import { sha256 } from '../../../core/values/digest.ts';
import { eventually } from '../../support/eventually.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const source = { tool: 'npm' as const, requirement: 'none@1.0.0', path: 'none' };
const fileOf = (name: string) => ({ name, sha256: sha256(''), source });
/** Empty, so that no system loads the library. */
const FILES = { library: [fileOf(LIBRARY_FILE)], wasm: [fileOf('ort.wasm')] };
const LOAD_FAULT = /^The library of the local embedding model cannot be loaded: .+/;

function installer() {
  const [models, from] = [tempFolder(), tempFolder()];
  for (const { name } of [...FILES.library, ...FILES.wasm]) writeFileSync(path.join(from, name), '');
  const lines: string[] = [];
  return {
    models,
    from,
    lines,
    ids: () => readdirSync(models).filter((name) => !name.startsWith('.holder-')),
    install: (runtime?: Runtime) =>
      installRuntime({
        models,
        from,
        runtime,
        env: {},
        onProgress: (line) => lines.push(line),
        filesOf: (each) => FILES[each],
      }),
  };
}

/** Elsewhere the library is never tried, and so none of it is said. */
const isTried = RUNTIMES_HERE[0] === 'library';

test('takes WebAssembly where the library does not load, says so once, and keeps to it', async () => {
  const { install, ids, lines, models } = installer();
  expect(await install()).toMatchObject({ runtime: 'wasm', isNew: true });
  const said = isTried ? [expect.stringMatching(LOAD_FAULT)] : [];
  expect([lines, ids(), runtimeOf(models)]).toEqual([said, [modelId('wasm')], 'wasm']);
  if (isTried) expect(lines[0]).toMatch(/; taking WebAssembly instead$/);
  expect(await install()).toMatchObject({ runtime: 'wasm', isNew: false });
  expect(lines).toEqual(said);
});

test('a library that was asked for is not replaced, and what was there stays', async () => {
  const { install, ids } = installer();
  await install('wasm');
  await expect(install('library')).rejects.toMatchObject({ message: expect.stringMatching(LOAD_FAULT) });
  expect(ids()).toEqual([modelId('wasm')]);
});

test('writes nothing where the model is there already', async () => {
  const { install, models } = installer();
  await install('wasm');
  utimesSync(models, 0, 0);
  expect(await install()).toMatchObject({ isNew: false });
  expect(statSync(models).mtimeMs).toBe(0);
});

test('of two at once one waits for the other', async () => {
  const { install, ids, from } = installer();
  const slow = path.join(from, 'ort.wasm');
  rmSync(slow);
  execFileSync('sh', ['-c', 'mkfifo "$0"', slow]); // reading it waits for a writer
  const first = install('wasm');
  await eventually(() => expect(ids()).toContainEqual(expect.stringMatching(/^\.tmp-/)));
  const second = expect(install('library')).rejects.toMatchObject({ code: 'embeddings_failed' });
  for (let turn = 0; turn < 1000; turn++) await nextTurn();
  writeFileSync(slow, ''); // a pipe is copied as an empty file
  expect(await first).toMatchObject({ runtime: 'wasm', isNew: true });
  await second;
  expect(ids()).toEqual([modelId('wasm')]);
});
