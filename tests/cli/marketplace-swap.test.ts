/** A catalogue that somebody replaces while the question of the plan waits for its answer. */
import { readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { runCli as runWithContext } from '../../cli/run-cli.ts';
import { MARKETPLACE, aPackage } from '../support/marketplace-fixtures.ts';
import { runCli } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { writeFiles } from '../support/write-files.ts';

const CODE = 'export const run = (): string => "verified";\n';
const EVIL = 'export const run = (): string => "swapped!";\n';
const SHOWN = [aPackage('community/hello', { code: CODE })];
/** The same id and version: what the key has signed too, and what nobody has signed. */
const SWAPS = {
  'another signed package': JSON.stringify([aPackage('community/hello', { code: EVIL })]),
  'code under the old signature': JSON.stringify(SHOWN).replace('verified', 'swapped!'),
  'no JSON': '[',
};

function aRoot() {
  const root = tempFolder();
  writeFiles(root, {
    'marketplace/keys.json': readFileSync(join(MARKETPLACE, 'keys.json')),
    'catalog.json': JSON.stringify(SHOWN),
  });
  return { root, catalog: join(root, 'catalog.json') };
}

const WAYS: Readonly<Record<string, (file: string, text: string) => void>> = {
  'in its place': writeFileSync,
  'by a rename': (file, text) => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  },
};

/** Answers the question after `meanwhile`. */
async function installing(root: string, catalog: string, meanwhile: () => void) {
  const stdin = new PassThrough();
  let asked = '';
  const stderr = new Writable({
    write(chunk: Buffer | string, _encoding, done) {
      asked += chunk.toString();
      if (stdin.writable && asked.includes('Write these files?')) {
        meanwhile();
        stdin.end('y\n');
      }
      done();
    },
  });
  const argv = ['marketplace', 'install', 'community/hello', '--catalog', catalog, '--root', root];
  return runWithContext(argv, {
    env: {},
    stdin,
    stdout: new PassThrough().resume(),
    stderr,
    isPiped: true,
    colorDepth: 1,
    isInteractive: true,
    onInterrupt: () => () => undefined,
    now: Date.now,
  });
}

describe.each(Object.entries(SWAPS))('a catalogue swapped for %s', (_, text) => {
  test.each(Object.entries(WAYS))('%s: what was shown and verified is installed', async (_way, swap) => {
    const { root, catalog } = aRoot();
    let swaps = 0;
    const code = await installing(root, catalog, () => {
      swaps++;
      swap(catalog, text);
    });
    expect([code, swaps]).toEqual([0, 1]);
    expect(readFileSync(join(root, 'implementations/community/hello.ts'), 'utf8')).toBe(CODE);
    const written = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('catalog.json'))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    expect(written.filter((content) => content.includes('swapped!'))).toEqual([]);
    expect((await runCli(['marketplace', 'verify', '--root', root])).stdout).toBe('packages_ok: 1\n');
  });
});
