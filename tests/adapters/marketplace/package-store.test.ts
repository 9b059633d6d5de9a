import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { manifestYaml } from '../../../adapters/marketplace/manifest-yaml.ts';
import { openPackageStore, PENDING_FILE } from '../../../adapters/marketplace/package-store.ts';
import type { JsonObject } from '../../../core/json.ts';
import { readPackage } from '../../../core/marketplace/package.ts';
import type { SkillPackage } from '../../../core/marketplace/package.ts';
import { aPackage } from '../../support/marketplace-fixtures.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { writeFiles } from '../../support/write-files.ts';

function read(document: JsonObject): SkillPackage {
  const reading = readPackage(document, '[0]');
  if (reading.status !== 'read') throw new Error(reading.problem);
  return reading.package;
}

const HELLO = read(aPackage('acme/hello'));
const SECOND = read(aPackage('acme/second'));

function aStore(root = tempFolder()) {
  const store = openPackageStore(root);
  const lockOf = (...packages: readonly SkillPackage[]) =>
    new Map(packages.map((found) => [found.id, store.entryOf(found, { source: 'c.json', explicit: true })]));
  const install = (...packages: readonly SkillPackage[]) =>
    store.exclusively(() => store.apply({ write: packages, remove: [], lock: lockOf(...packages) }));
  return { root, store, lockOf, install };
}

function filesIn(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith('marketplace/.'))
    .sort();
}

const INSTALLED = [
  'implementations/acme/hello.ts',
  'marketplace/packages/acme/hello.json',
  'metadata/acme/hello.yaml',
  'skillos.lock',
];

describe('apply', () => {
  test('writes packages, and removes them with their folders', async () => {
    const { root, store, install } = aStore();
    await install(HELLO);
    expect(filesIn(root)).toEqual(INSTALLED);
    const lock = store.lock();
    expect(store.findings(lock)).toEqual([]);
    expect([...lock].map(([id, entry]) => store.packageOf(id, entry).version)).toEqual(['1.0.0']);
    await store.exclusively(() => store.apply({ write: [], remove: [HELLO.id], lock: new Map() }));
    expect(filesIn(root)).toEqual(['skillos.lock']);
    expect(existsSync(path.join(root, 'implementations/acme'))).toBe(false);
  });

  test('reads back a package that is several times larger as JSON', async () => {
    const big = read(aPackage('acme/hello', { code: `//${'\u0001'.repeat(2e6)}\n` }));
    const { store, install } = aStore();
    await install(big);
    expect(store.findings(store.lock())).toEqual([]);
  });

  test('an update removes files that the new version does not have', async () => {
    const { root, install } = aStore();
    const [file] = HELLO.document['files'] as readonly JsonObject[];
    const extra = { ...file, path: 'implementations/acme/hello/extra.ts' };
    await install(read({ ...HELLO.document, files: [file ?? {}, extra] }));
    expect(filesIn(root)).toContain('implementations/acme/hello/extra.ts');
    await install(HELLO);
    expect(filesIn(root)).toEqual(INSTALLED);
  });

  test('writes nothing if it cannot stage everything', async () => {
    const { root, store, lockOf } = aStore();
    writeFiles(root, { 'marketplace/.staged/1': 'in the way' });
    await expect(store.apply({ write: [HELLO], remove: [], lock: lockOf(HELLO) })).rejects.toMatchObject({
      code: 'storage_unreachable',
    });
    expect(filesIn(root)).toEqual([]);
  });

  test('a change that was interrupted at any move is completed by the next one', async () => {
    const whole = aStore();
    await whole.install(HELLO, SECOND);
    const expected = filesIn(whole.root);
    for (let moved = 0; moved <= expected.length; moved++) {
      const { root, store } = aStore();
      stage(root, whole.root, { files: expected, moved });
      await store.exclusively(async () => undefined);
      expect(filesIn(root)).toEqual(expected);
      expect(existsSync(path.join(root, PENDING_FILE))).toBe(false);
      expect(store.findings(store.lock())).toEqual([]);
    }
  });

  test('what was staged before an interruption is gone with the next change', async () => {
    const { root, store } = aStore();
    writeFiles(root, { 'marketplace/.staged/0': 'half' });
    await store.exclusively(async () => undefined);
    expect([filesIn(root), existsSync(path.join(root, 'marketplace/.staged'))]).toEqual([[], false]);
  });
});

/** The state of a root whose process was killed after `moved` moves. */
function stage(
  root: string,
  whole: string,
  { files, moved }: { readonly files: readonly string[]; readonly moved: number },
): void {
  for (const [index, file] of files.entries()) {
    const content = readFileSync(path.join(whole, file), 'utf8');
    writeFiles(root, { [index < moved ? file : `marketplace/.staged/${index}`]: content });
  }
  const moves = files.map((file, index) => [String(index), file]);
  writeFiles(root, { [PENDING_FILE]: JSON.stringify({ moves, removes: [] }) });
}

describe('refuseTaken', () => {
  test.each([
    'metadata/acme/hello.yaml',
    'metadata/acme/hello.yml',
    'implementations/acme/hello.ts',
    'implementations/acme/hello.js',
    'implementations/acme/HELLO.ts',
    'implementations/acme/hello/index.ts',
    'compositions/acme/hello.json',
  ])('refuses a package beside the local file %s', async (file) => {
    const { root, store } = aStore();
    writeFiles(root, { [file]: '' });
    await expect(store.refuseTaken(HELLO, undefined)).rejects.toMatchObject({ code: 'already_exists' });
  });

  test('accepts files of the package itself, and of neighbours', async () => {
    const { root, store, lockOf, install } = aStore();
    writeFiles(root, {
      'implementations/acme/hello_world.ts': '',
      'implementations/acme/other/index.ts': '',
    });
    await expect(store.refuseTaken(HELLO, undefined)).resolves.toBeUndefined();
    await install(HELLO);
    await expect(store.refuseTaken(HELLO, lockOf(HELLO).get(HELLO.id))).resolves.toBeUndefined();
  });

  test('refuses a folder that is a link, inside and out of the root', async () => {
    for (const target of [tempFolder(), '../elsewhere']) {
      const { root, store } = aStore();
      mkdirSync(path.join(root, 'implementations'));
      mkdirSync(path.join(root, 'elsewhere'));
      symlinkSync(target, path.join(root, 'implementations/acme'));
      await expect(store.refuseTaken(HELLO, undefined)).rejects.toMatchObject({ code: 'path_outside_root' });
    }
  });
});

describe('findings', () => {
  test.each(INSTALLED.filter((file) => file !== 'skillos.lock'))('reports a change of %s', async (file) => {
    const { root, store, install } = aStore();
    await install(HELLO);
    writeFileSync(path.join(root, file), 'changed');
    expect(store.findings(store.lock())).toEqual([
      { id: 'acme/hello', message: expect.stringContaining(file) },
    ]);
    rmSync(path.join(root, file));
    symlinkSync('/dev/null', path.join(root, file));
    expect(store.findings(store.lock())).toHaveLength(1);
  });
});

test.each([
  ['skillos.lock', 'lock', 'lock_invalid'],
  ['marketplace/keys.json', 'keyring', 'keyring_invalid'],
] as const)('a damaged %s is an error, and never empty', (file, method, code) => {
  for (const content of ['{', '{}', Buffer.from([255])]) {
    const { root, store } = aStore();
    writeFiles(root, { [file]: content });
    expect(() => store[method]()).toThrow(expect.objectContaining({ code }));
  }
});

test('manifestYaml refuses what YAML would read as something else', () => {
  const big = read({ ...HELLO.document, manifest: { ...HELLO.manifest, extra: 'a'.repeat(70_000) } });
  expect(() => manifestYaml(big)).toThrow(expect.objectContaining({ code: 'package_invalid' }));
  expect(manifestYaml(HELLO)).toContain('package: acme/hello@1.0.0');
});
