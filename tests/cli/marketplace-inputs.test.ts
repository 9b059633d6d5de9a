/** Packages and keys that are not as they should be: each has its code, and nothing is written. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageFile } from '../../adapters/machine/package.ts';
import type { JsonObject } from '../../core/json.ts';
import { FIXTURE_KEY_ID, aPackage, fixtureSigner } from '../support/marketplace-fixtures.ts';
import { runCli } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { writeFiles } from '../support/write-files.ts';

const HOME = 'implementations/acme/hello';
const GOOD = aPackage('acme/hello');
const FILE = (GOOD['files'] as readonly JsonObject[])[0] as JsonObject;
const KEY = { key_id: FIXTURE_KEY_ID, public_key: fixtureSigner.publicKey, namespaces: ['acme/*'] };

const withPaths = (...paths: readonly string[]): JsonObject => ({
  ...GOOD,
  files: [FILE, ...paths.map((each) => Object.assign({}, FILE, { path: each }))],
});

/** Without the audit log, which holds the refusal. */
const names = (root: string): readonly string[] =>
  (readdirSync(root, { recursive: true }) as string[]).filter((file) => !/\/\.|^logs/.test(file)).sort();

interface Given {
  readonly entries?: readonly JsonObject[];
  readonly key?: JsonObject;
  readonly prepare?: (root: string) => void;
}

/** The code of the error and the message, after an installation that must have written nothing. */
async function install({ entries = [GOOD], key = {}, prepare }: Given): Promise<string> {
  const root = tempFolder();
  writeFiles(root, { 'marketplace/keys.json': JSON.stringify({ keys: [{ ...KEY, ...key }] }) });
  prepare?.(root);
  const catalog = path.join(tempFolder(), 'catalog.json');
  writeFileSync(catalog, JSON.stringify(entries));
  const before = names(root);
  const argv = [
    'marketplace',
    'install',
    'acme/hello',
    '--catalog',
    catalog,
    '--root',
    root,
    '--yes',
    '--json',
  ];
  const { stdout } = await runCli(argv);
  const { code, message } = JSON.parse(stdout) as { readonly code: string; readonly message: string };
  if (code !== undefined) expect(names(root)).toEqual(before);
  return `${code}: ${message}`;
}

test('the package of these tests is installed if nothing is wrong', async () => {
  expect(await install({})).toBe('undefined: undefined');
});

test.each<[string, string, Given]>([
  ['a path out of the root', 'package_invalid', { entries: [withPaths(`${HOME}/../../../../evil.ts`)] }],
  ['an absolute path', 'package_invalid', { entries: [withPaths('/tmp/evil.ts')] }],
  ['a path of Windows', 'package_invalid', { entries: [withPaths('C:\\evil.ts')] }],
  ['a device of Windows', 'package_invalid', { entries: [withPaths(`${HOME}/NUL.ts`)] }],
  ['names that differ in case', 'package_invalid', { entries: [withPaths(`${HOME}/a.ts`, `${HOME}/A.ts`)] }],
  [
    'names that differ by Unicode form',
    'package_invalid',
    { entries: [withPaths(`${HOME}/\u00e9.ts`, `${HOME}/e\u0301.ts`)] },
  ],
  [
    '201 files',
    'package_invalid',
    { entries: [withPaths(...Array.from({ length: 200 }, (_, index) => `${HOME}/${index}.ts`))] },
  ],
  ['6 MB', 'package_invalid', { entries: [{ ...GOOD, files: [{ ...FILE, content: 'a'.repeat(6e6) }] }] }],
  [
    'a manifest with another id',
    'package_invalid',
    { entries: [{ ...GOOD, manifest: { ...(GOOD['manifest'] as JsonObject), id: 'acme/other' } }] },
  ],
  ['one version twice', 'package_invalid', { entries: [GOOD, GOOD] }],
  [
    'a content that is not what was signed',
    'signature_verification_failed',
    { entries: [{ ...GOOD, files: [{ ...FILE, content: 'export const run = evil;' }] }] },
  ],
  ['an expired key', 'signature_verification_failed', { key: { not_after: '2020-01-01T00:00:00Z' } }],
  [
    'a key that is not valid yet',
    'signature_verification_failed',
    { key: { not_before: '2999-01-01T00:00:00Z' } },
  ],
  ['a revoked key', 'signature_verification_failed', { key: { revoked: true } }],
  ['a key for others', 'signature_verification_failed', { key: { namespaces: ['other/*'] } }],
  ['a damaged keyring', 'keyring_invalid', { key: { public_key: 'AAAA' } }],
  [
    'a damaged lock',
    'lock_invalid',
    { prepare: (root) => writeFileSync(path.join(root, 'skillos.lock'), '{}') },
  ],
  [
    'a folder that is a link',
    'path_outside_root',
    {
      prepare(root) {
        mkdirSync(path.join(root, 'implementations'));
        symlinkSync(tempFolder(), path.join(root, 'implementations/acme'));
      },
    },
  ],
])('%s: %s', async (_, code, given) => {
  expect(await install(given)).toMatch(new RegExp(`^${code}: .{10}`));
});

test.each([0, 100, 300])('a disk with room for files of %i bytes: storage_full', (bytes) => {
  const root = tempFolder();
  writeFiles(root, { 'marketplace/keys.json': JSON.stringify({ keys: [KEY] }) });
  const catalog = path.join(tempFolder(), 'catalog.json');
  writeFileSync(catalog, JSON.stringify([GOOD]));
  const before = names(root);
  const argv = [packageFile('dist/skillos.mjs'), 'marketplace', 'install', 'acme/hello', '--yes', '--json'];
  const { status, stdout } = spawnSync(
    'prlimit',
    [`--fsize=${bytes}`, process.execPath, ...argv, '--catalog', catalog, '--root', root],
    { env: { PATH: process.env['PATH'], HOME: root }, encoding: 'utf8' },
  );
  expect([status, JSON.parse(stdout)]).toEqual([1, expect.objectContaining({ code: 'storage_full' })]);
  expect(names(root)).toEqual(before);
});
