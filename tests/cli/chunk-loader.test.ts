/** Chunks of CommonJS, in a folder as the build leaves them. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { packageFile } from '../../adapters/package.ts';
import { chunkLoader } from '../../cli/chunk-loader.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { writeFiles } from '../support/write-files.ts';

const require = createRequire(import.meta.url);

const CHUNKS = {
  'chunk-a.cjs': 'module.exports = { value: 1, b: () => require("./chunk-b.cjs") };',
  'chunk-b.cjs': 'const a = require("./chunk-a.cjs"); module.exports = { a, folder: __dirname };',
  'chunk-c.cjs': 'module.exports = require("node:path");',
};

function folderOf(chunks: Readonly<Record<string, string>>): string {
  const folder = tempFolder();
  writeFiles(folder, chunks);
  return folder;
}

function compiledIn(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.compiled'));
}

describe('chunkLoader', () => {
  test('runs a chunk once, and lets chunks need one another', () => {
    const folder = folderOf(CHUNKS);
    const { load } = chunkLoader(folder, require);
    const a = load('./chunk-a.cjs') as { readonly b: () => object };
    expect(load('./chunk-a.cjs')).toBe(a);
    expect(a.b()).toEqual({ a, folder });
  });

  test('leaves what is no chunk to Node', () => {
    const { load } = chunkLoader(folderOf(CHUNKS), require);
    expect(load('./chunk-c.cjs')).toBe(require('node:path'));
  });

  test('keeps what is compiled of the chunks that were loaded, and takes it the next time', () => {
    const folder = folderOf(CHUNKS);
    const first = chunkLoader(folder, require);
    first.load('./chunk-a.cjs');
    first.keepCompiled();
    expect(compiledIn(folder)).toEqual([`chunk-a.cjs.${process.version}-${process.arch}.compiled`]);
    // V8 knows a source by its length only, so that what runs is what was kept of the old one.
    writeFileSync(join(folder, 'chunk-a.cjs'), CHUNKS['chunk-a.cjs'].replace('1', '2'));
    expect(chunkLoader(folder, require).load('./chunk-a.cjs')).toMatchObject({ value: 1 });
  });

  test.each([['nothing'], ['something else entirely']])('compiles anew where %s was kept', (text) => {
    const folder = folderOf(CHUNKS);
    const first = chunkLoader(folder, require);
    first.load('./chunk-a.cjs');
    first.keepCompiled();
    const [kept = ''] = compiledIn(folder);
    writeFileSync(join(folder, kept), text === 'nothing' ? '' : text);
    expect(chunkLoader(folder, require).load('./chunk-a.cjs')).toMatchObject({ value: 1 });
  });
});

test('the build keeps what this Node compiled of the program', () => {
  const [, main = ''] =
    readFileSync(packageFile('dist/skillos.mjs'), 'utf8').match(/load\("\.\/(.+)"\)/) ?? [];
  expect(compiledIn(packageFile('dist')).some((name) => name.startsWith(main))).toBe(true);
});
