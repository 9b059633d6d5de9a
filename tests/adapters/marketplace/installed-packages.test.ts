import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openCatalog } from '../../../adapters/catalog/catalog.ts';
import { openPackageStore } from '../../../adapters/marketplace/package-store.ts';
import { openSkillCode } from '../../../adapters/skill-code/bundles.ts';
import { readPackage } from '../../../core/marketplace/package.ts';
import { sha256 } from '../../../core/values/digest.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { FIXTURE_KEY_ID, aPackage, fixtureSigner } from '../../support/marketplace-fixtures.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { aManifest, writeFiles } from '../../support/write-files.ts';

const ID = parseSkillId('acme/hello');
const KEY = { key_id: FIXTURE_KEY_ID, public_key: fixtureSigner.publicKey, namespaces: ['acme/*'] };

async function aRoot(): Promise<string> {
  const root = tempFolder();
  const store = openPackageStore(root);
  const reading = readPackage(aPackage('acme/hello'), '[0]');
  if (reading.status !== 'read') throw new Error(reading.problem);
  const lock = new Map([[ID, store.entryOf(reading.package, { source: 'c.json', explicit: true })]]);
  await store.exclusively(() => store.apply({ write: [reading.package], remove: [], lock }));
  await store.saveKeyring({ keys: [KEY] });
  return root;
}

async function freeze(root: string, { id = ID, production = false } = {}): Promise<string> {
  const entry = (await openCatalog(root).load()).skills.get(id);
  if (entry === undefined) throw new Error(`no ${id}`);
  const code = openSkillCode({ root, storeDir: path.join(root, 'runtime/bundles'), production });
  return code.freeze(entry).then(
    (hash) => (/^[0-9a-f]{64}$/.test(hash) ? 'frozen' : hash),
    (error: { code: string }) => error.code,
  );
}

const edit = (root: string, file: string, change: (text: string) => string): void =>
  writeFileSync(path.join(root, file), change(readFileSync(path.join(root, file), 'utf8')));

test('a package that is as it was signed is frozen', async () => {
  expect(await freeze(await aRoot())).toBe('frozen');
});

describe('a package does not run', () => {
  test.each<[string, string, (text: string) => string]>([
    ['its code was edited', 'implementations/acme/hello.ts', (text) => `${text}// mine`],
    ['its manifest was edited', 'metadata/acme/hello.yaml', (text) => text.replace('none', 'write')],
    [
      'its manifest hides the package',
      'metadata/acme/hello.yaml',
      (text) => text.replace(/^package: .*\n/m, ''),
    ],
    [
      'the signed package was edited',
      'marketplace/packages/acme/hello.json',
      (text) => text.replace('1.0.0', '1.0.1'),
    ],
    [
      'the lock was edited',
      'skillos.lock',
      (text) => text.replace(/"sha256": "(.)/, (_, digit) => `"sha256": "${digit === '0' ? '1' : '0'}`),
    ],
    ['the lock does not hold it', 'skillos.lock', () => '{"schema":"skillos.lock/v1","packages":{}}'],
    ['its key is gone', 'marketplace/keys.json', () => '{"keys":[]}'],
    ['its key is for others', 'marketplace/keys.json', (text) => text.replace('acme/*', 'other/*')],
  ])('if %s', async (_, file, change) => {
    const root = await aRoot();
    edit(root, file, change);
    expect(await freeze(root)).toBe('package_tampered');
  });

  test('if code and lock were edited together', async () => {
    const root = await aRoot();
    const document = aPackage('acme/hello', {
      code: 'export const run = () => "evil";',
      sign: () => signatureOf(root),
    });
    const reading = readPackage(document, '[0]');
    if (reading.status !== 'read') throw new Error(reading.problem);
    const store = openPackageStore(root);
    const lock = new Map([[ID, store.entryOf(reading.package, { source: 'c.json', explicit: true })]]);
    await store.apply({ write: [reading.package], remove: [], lock });
    expect(store.findings(lock)).toEqual([]);
    expect(await freeze(root)).toBe('package_tampered');
  });

  test.each(['implementations/acme/hello.ts', 'metadata/acme/hello.yaml'])(
    'if %s and its hash in the lock were edited, which findings name too',
    async (file) => {
      const root = await aRoot();
      const store = openPackageStore(root);
      const files: Readonly<Record<string, string>> = store.lock().get(ID)?.files ?? {};
      edit(root, file, (text) => text.replace('none', 'read').replace('=>', '=> /* mine */'));
      const now = sha256(readFileSync(path.join(root, file)));
      edit(root, 'skillos.lock', (text) => text.replace(files[file] ?? '', now));
      expect(await freeze(root)).toBe('package_tampered');
      expect(store.findings(store.lock())).toHaveLength(1);
    },
  );

  test.each([
    ['marketplace/keys.json', { keys: [{ ...KEY, revoked: true }] }, 'key_revoked'],
    ['marketplace/keys.json', { keys: [KEY, KEY] }, 'keyring_invalid'],
    ['skillos.lock', {}, 'lock_invalid'],
  ])('with %s as %j: %s', async (file, content, code) => {
    const root = await aRoot();
    writeFiles(root, { [file]: JSON.stringify(content) });
    expect(await freeze(root)).toBe(code);
  });

  test('in production with a test key', async () => {
    expect(await freeze(await aRoot(), { production: true })).toBe('package_tampered');
  });
});

describe('a local skill', () => {
  const local = parseSkillId('acme/mine');

  test.each([
    ['runs beside packages', 'export const run = () => 1;', 'frozen'],
    ['does not run code of a package', "export { run } from './hello.ts';", 'code_invalid'],
  ])('%s', async (_, code, expected) => {
    const root = await aRoot();
    writeFiles(root, { 'metadata/acme/mine.yaml': aManifest(local), 'implementations/acme/mine.ts': code });
    expect(await freeze(root, { id: local })).toBe(expected);
  });
});

function signatureOf(root: string): string {
  const text = readFileSync(path.join(root, 'marketplace/packages/acme/hello.json'), 'utf8');
  return (JSON.parse(text) as { signature: string }).signature;
}
