/** An installation whose process is killed at each call that writes. */
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { openPackageStore } from '../../../adapters/marketplace/package-store.ts';
import type { JsonObject } from '../../../core/json.ts';
import { aPackage } from '../../support/marketplace-fixtures.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const FIRST = withFile(aPackage('acme/hello'), 'old.ts');
const SECOND = withFile(aPackage('acme/hello', { version: '1.1.0' }), 'new.ts');

/** Signatures do not matter here. */
function withFile(document: JsonObject, name: string): JsonObject {
  const [file] = document['files'] as readonly JsonObject[];
  return { ...document, files: [file ?? {}, { ...file, path: `implementations/acme/hello/${name}` }] };
}

/** All files of the root with their contents, without those of the lock. */
function stateOf(root: string): Readonly<Record<string, string>> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => !/^marketplace\/\.(lock|holder)/.test(file))
    .sort();
  return Object.fromEntries(files.map((file) => [file, readFileSync(path.join(root, file), 'utf8')]));
}

test('a root is in its old or its new state, wherever an update was killed', async () => {
  const folder = tempFolder();
  const at = (name: string) => path.join(folder, name);
  await build({
    entryPoints: [fileURLToPath(new URL('../../support/package-writer-process.ts', import.meta.url))],
    outfile: at('writer.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'silent',
  });
  writeFileSync(at('first.json'), JSON.stringify(FIRST));
  writeFileSync(at('second.json'), JSON.stringify(SECOND));
  const write = (root: string, file: string, killAt: number) =>
    spawnSync(process.execPath, [at('writer.mjs'), root, at(file), String(killAt)], { encoding: 'utf8' });

  expect(write(at('old'), 'first.json', 0)).toMatchObject({ status: 0, stderr: '' });
  cpSync(at('old'), at('new'), { recursive: true });
  expect(write(at('new'), 'second.json', 0)).toMatchObject({ status: 0, stderr: '' });
  const states = [stateOf(at('old')), stateOf(at('new'))];
  expect(Object.keys(states[1] ?? {})).toEqual([
    'implementations/acme/hello.ts',
    'implementations/acme/hello/new.ts',
    'marketplace/packages/acme/hello.json',
    'metadata/acme/hello.yaml',
    'skillos.lock',
  ]);

  const reached = new Set<number>();
  let kills = 0;
  for (let isKilled = true; isKilled;) {
    const root = at(`root-${++kills}`);
    cpSync(at('old'), root, { recursive: true });
    isKilled = write(root, 'second.json', kills).signal === 'SIGKILL';
    await openPackageStore(root).exclusively(async () => undefined);
    reached.add(states.findIndex((state) => JSON.stringify(state) === JSON.stringify(stateOf(root))));
  }
  expect([...reached].sort((a, b) => a - b)).toEqual([0, 1]);
  expect(kills).toBeGreaterThan(20);
}, 120_000);
