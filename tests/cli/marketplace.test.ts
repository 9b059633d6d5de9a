import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepText, readKept } from '../../adapters/marketplace/kept-text.ts';
import type { JsonObject } from '../../core/json.ts';
import { CATALOGUE, MARKETPLACE, aPackage } from '../support/marketplace-fixtures.ts';
import { runCli } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { aManifest, writeFiles } from '../support/write-files.ts';

/** Trusts the key of the fixtures. */
function aRoot(files: Readonly<Record<string, string>> = {}): string {
  const root = tempFolder();
  writeFiles(root, { 'marketplace/keys.json': readFileSync(join(MARKETPLACE, 'keys.json')), ...files });
  return root;
}

const marketplace = (argv: readonly string[], root: string, env: Readonly<Record<string, string>> = {}) =>
  runCli(['marketplace', ...argv, '--root', root], {
    env: { SKILLOS_MARKETPLACE_CATALOG: CATALOGUE, ...env },
  });

const contentOf = (root: string): string =>
  (readdirSync(root, { recursive: true }) as string[]).sort().join('\n');

async function codeOf(argv: readonly string[], root: string): Promise<string> {
  const { stdout } = await marketplace([...argv, '--json'], root);
  return (JSON.parse(stdout) as { code: string }).code;
}

describe('marketplace browse', () => {
  test.each([
    [
      ['--tag', 'greeting'],
      'community/farewell 1.0.0 Farewell\ncommunity/hello 1.1.0 Hello\ncommunity/welcome 1.0.0 Welcome\n',
    ],
    [['--query', 'LETTER'], 'community/welcome 1.0.0 Welcome\n'],
    [['--tag', 'Greeting'], 'no_packages_found\n'],
  ])('with %j', async (argv, stdout) => {
    const result = await runCli(['marketplace', 'browse', '--catalog', CATALOGUE, ...argv]);
    expect(result).toEqual({ code: 0, stdout, stderr: '' });
  });

  test('reads a folder, and names packages that are not valid', async () => {
    const folder = tempFolder();
    const entries = [aPackage('acme/one'), { ...aPackage('acme/two'), version: '\u001b[31m1' }];
    writeFiles(folder, { 'catalog.json': JSON.stringify(entries) });
    const { code, stdout, stderr } = await runCli(['marketplace', 'browse', '--catalog', folder]);
    expect([code, stdout]).toEqual([0, 'acme/one 1.0.0 one\n']);
    expect(stderr).toMatch(/^package_invalid: acme\/two: version: expected a semantic version/);
  });

  test.each([
    ['missing', undefined, 'input_unreadable'],
    ['no JSON', '[', 'catalog_invalid'],
    ['no list', '{"packages":[]}', 'catalog_invalid'],
    ['a name twice', '[{"id":"a/b","id":"a/c"}]', 'catalog_invalid'],
  ])('refuses a catalogue that is %s', async (_, content, code) => {
    const file = join(tempFolder(), 'catalog.json');
    if (content !== undefined) writeFileSync(file, content);
    const { stdout } = await runCli(['marketplace', 'browse', '--catalog', file, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ code });
  });
});

test('what browse keeps proves nothing to show and install', async () => {
  const root = aRoot();
  const cache = tempFolder();
  const env = { SKILLOS_CACHE_DIR: cache };
  await marketplace(['browse'], root, env); // the file is older than a tick of the clock
  const [name = ''] = readdirSync(join(cache, 'listings'));
  const file = join(cache, 'listings', name);
  const { origin = '', text = '' } = readKept(file, 1_000_000) ?? {};
  await keepText(file, { origin, text: text.replace('community/hello', 'community/other') });
  expect((await marketplace(['browse'], root, env)).stdout).toContain('community/other 1.1.0 Hello\n');
  for (const argv of [['show'], ['install', '--yes']]) {
    const { stdout } = await marketplace([...argv, 'community/other', '--json'], root, env);
    expect(JSON.parse(stdout)).toMatchObject({ code: 'unknown_package' });
  }
});

test('marketplace show prints the package, and whether the root trusts it', async () => {
  const root = aRoot();
  const { stdout, stderr } = await marketplace(['show', 'community/hello'], root);
  const shown = JSON.parse(stdout) as JsonObject;
  expect(Object.keys(shown)).toEqual(Object.keys(shown).sort());
  expect(shown).toMatchObject({ id: 'community/hello', version: '1.1.0', key_id: 'community-fixture' });
  expect(stderr).toMatch(/^trusted: signed by "community-fixture", SHA256:[\w+/]{43}\n$/);
  const production = await marketplace(['show', 'community/hello'], root, { SKILLOS_ENV: 'production' });
  expect(production.stderr).toContain('not_trusted: the key "community-fixture" is a test key');
  expect(await codeOf(['show', 'community/none'], root)).toBe('unknown_package');
});

describe('marketplace install', () => {
  test('needs --yes without a terminal, after it has shown the plan', async () => {
    const root = aRoot();
    const before = contentOf(root);
    const { code, stdout, stderr } = await marketplace(['install', 'community/welcome'], root);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('  writes implementations/community/hello.ts\n');
    expect(stderr).toContain('Expected --yes');
    expect(contentOf(root).replaceAll(/\nmarketplace\/\..*/g, '')).toBe(before);
  });

  test('installs with dependencies, lists, verifies, updates and removes', async () => {
    const root = aRoot();
    const installed = await marketplace(['install', 'community/hello@1.0.0', '--yes'], root);
    expect([installed.code, installed.stdout]).toEqual([0, 'installed: community/hello\n']);
    const second = await marketplace(['install', 'community/welcome', '--yes'], root);
    expect(second.stdout).toBe('installed: community/welcome\n');
    const again = await marketplace(['install', 'community/welcome', '--yes'], root);
    expect(again).toEqual({ code: 0, stdout: 'already_installed: community/welcome\n', stderr: '' });
    expect(readFileSync(join(root, 'metadata/community/hello.yaml'), 'utf8')).toContain(
      'package: community/hello@1.0.0',
    );
    expect((await marketplace(['verify'], root)).stdout).toBe('packages_ok: 2\n');
    expect((await runCli(['validate', '--root', root])).code).toBe(0);

    expect((await marketplace(['outdated'], root)).stdout).toMatch(/community\/hello +1\.0\.0 +1\.1\.0/);
    expect((await marketplace(['diff', 'community/hello'], root)).stdout).toContain(
      "+  const name = payload.trim() || 'everybody';",
    );
    const updated = await marketplace(['update', '--yes'], root);
    expect(updated.stdout).toBe('updated: community/hello 1.1.0\n');
    expect(updated.stderr).toContain("+  const name = payload.trim() || 'everybody';");
    expect((await marketplace(['outdated'], root)).stdout).toBe('up_to_date\n');
    expect((await marketplace(['list'], root)).stdout).toMatch(
      /community\/hello +1\.1\.0 +community-fixture +yes/,
    );

    expect(await codeOf(['uninstall', 'community/hello'], root)).toBe('package_needed');
    const removed = await marketplace(['uninstall', 'community/welcome', '--prune'], root);
    expect(removed.stdout).toBe('removed: community/welcome\n');
    expect((await marketplace(['uninstall', 'community/hello'], root)).stdout).toBe(
      'removed: community/hello\n',
    );
    expect((await marketplace(['list'], root)).stdout).toBe('no_packages\n');
    const audit = (await runCli(['audit', 'list', '--root', root, '--json'])).stdout;
    const actions = (JSON.parse(audit) as { items: { action: string }[] }).items.map(({ action }) => action);
    expect(actions).toEqual([
      'package_removed',
      'package_removed',
      'package_updated',
      'package_installed',
      'package_installed',
    ]);
  });

  test.each([
    ['install', 'community/hello', '--yes'],
    ['update', '--yes'],
    ['uninstall', 'community/hello'],
  ])('%s says that hosts run what was deployed', async (...argv) => {
    const { stderr } = await marketplace(argv, aRoot(), { SKILLOS_DEPLOYMENTS: '1' });
    expect(stderr).toContain('note: hosts run what was deployed; after this change: skillos deploy\n');
  });

  test('reads the form with one file', async () => {
    const root = aRoot();
    expect((await marketplace(['install', 'community/farewell', '--yes'], root)).stdout).toBe(
      'installed: community/farewell\n',
    );
    expect(existsSync(join(root, 'implementations/community/farewell.ts'))).toBe(true);
  });

  test('wants capabilities to be accepted, again when an update adds one', async () => {
    const root = aRoot();
    expect(await codeOf(['install', 'community/weather@^1.0.0', '--yes'], root)).toBe(
      'capabilities_not_accepted',
    );
    const accepted = await marketplace(
      ['install', 'community/weather@^1.0.0', '--yes', '--accept-capabilities'],
      root,
    );
    expect(accepted.stderr).toContain('  asks for host api.weather.example\n');
    expect(await codeOf(['update', '--yes'], root)).toBe('capabilities_not_accepted');
    expect(readFileSync(join(root, 'skillos.lock'), 'utf8')).toContain('"version": "1.0.0"');
  });

  test.each([
    ['community/none', 'unknown_package'],
    ['community/tampered', 'signature_verification_failed'],
    ['stranger/hello', 'signature_verification_failed'],
    ['community/chicken', 'circular_dependency'],
    ['community/orphan', 'missing_dependency'],
    ['community/almanac', 'version_mismatch'],
    ['community/hello@^7.0.0', 'version_mismatch'],
    ['../hello', 'usage'],
  ])('refuses %s: %s, and writes nothing', async (id, code) => {
    const root = aRoot();
    expect(await codeOf(['install', id, '--yes', '--accept-capabilities'], root)).toBe(code);
    expect(existsSync(join(root, 'skillos.lock')) || existsSync(join(root, 'metadata'))).toBe(false);
  });

  test('logs a package that it does not trust', async () => {
    const root = aRoot();
    await codeOf(['install', 'community.tampered', '--yes'], root);
    const log = readFileSync(join(root, 'logs/execution.log'), 'utf8');
    expect(log).toContain('"event":"marketplace_install_rejected","package_id":"community/tampered"');
  });

  test.each([
    ['in its place', 'metadata/community/hello.yaml'],
    ['with its id elsewhere', 'metadata/mine.yaml'],
  ])('never overwrites a local skill %s', async (_, file) => {
    const root = aRoot({
      [file]: aManifest('community/hello'),
      'implementations/community/hello.ts': 'mine',
    });
    expect(await codeOf(['install', 'community/hello', '--yes'], root)).toBe('already_exists');
    expect(readFileSync(join(root, 'implementations/community/hello.ts'), 'utf8')).toBe('mine');
  });

  test('never replaces an edited file of a package', async () => {
    const root = aRoot();
    await marketplace(['install', 'community/hello@1.0.0', '--yes'], root);
    writeFileSync(join(root, 'implementations/community/hello.ts'), 'mine');
    expect(await codeOf(['update', '--yes'], root)).toBe('package_tampered');
    expect(readFileSync(join(root, 'implementations/community/hello.ts'), 'utf8')).toBe('mine');
    const verified = await marketplace(['verify'], root);
    expect([verified.code, verified.stdout]).toEqual([
      1,
      'package_tampered: community/hello: "implementations/community/hello.ts" was changed or removed\n',
    ]);
  });

  test('a caller without the permission is refused, and recorded', async () => {
    const policies = { default: 'deny', rules: [] };
    const root = aRoot({ 'policies/permission_policies.json': JSON.stringify(policies) });
    const { code } = await marketplace(['install', 'community/hello', '--yes'], root);
    expect([code, existsSync(join(root, 'skillos.lock'))]).toEqual([3, false]);
  });

  test('two at once both end whole', async () => {
    const root = aRoot();
    const ids = ['community/hello', 'community/farewell'];
    const results = await Promise.all(ids.map((id) => marketplace(['install', id, '--yes'], root)));
    expect(results.map(({ stdout }) => stdout)).toEqual(ids.map((id) => `installed: ${id}\n`));
    expect((await marketplace(['verify'], root)).stdout).toBe('packages_ok: 2\n');
  });
});

describe('marketplace audit', () => {
  async function audit(root: string, argv: readonly string[] = []) {
    const { code, stdout } = await marketplace(['audit', '--json', ...argv], root);
    const { items, ...rest } = JSON.parse(stdout) as { items: { code: string; id?: string }[] };
    return { code, items: items?.map((item) => `${item.code} ${item.id}`), ...rest };
  }

  test('has nothing to say about what is newest and untouched', async () => {
    const root = aRoot();
    await marketplace(['install', 'community/hello', '--yes'], root);
    expect(await audit(root)).toMatchObject({ code: 0, valid: true, checked: 1, items: [] });
    expect((await marketplace(['audit'], root)).stdout).toBe('audit_ok: 1\n');
  });

  test('reports what was edited, is old, lacks what it uses, or is of a key that expired', async () => {
    const root = aRoot();
    await marketplace(['install', 'community/hello@1.0.0', '--yes'], root);
    await marketplace(['install', 'community/weather', '--yes', '--accept-capabilities'], root);
    writeFileSync(join(root, 'implementations/community/hello.ts'), 'mine');
    expect(await audit(root)).toMatchObject({
      code: 1,
      valid: false,
      items: [
        'package_tampered community/hello',
        'connector_unknown community/weather',
        'secret_missing community/weather',
        'package_outdated community/hello',
      ],
    });
    const file = join(root, 'marketplace/keys.json');
    const expired = readFileSync(file, 'utf8').replace(
      '"key_id"',
      '"not_after": "2020-01-01T00:00:00Z", "key_id"',
    );
    writeFileSync(file, expired);
    expect((await audit(root)).items).toContain('key_not_valid community/weather');
    const { stdout } = await marketplace(['audit'], root);
    expect(stdout).toContain('connector_unknown: community/weather: there is no valid connector "weather"\n');
  });

  test('only the default catalogue may be missing', async () => {
    const root = aRoot();
    const { code, stderr } = await runCli(['marketplace', 'audit', '--root', root]);
    expect([code, stderr]).toEqual([0, expect.stringContaining('Versions are not compared')]);
    expect(await audit(root, ['--catalog', join(root, 'none.json')])).toMatchObject({
      code: 'input_unreadable',
    });
  });
});

describe('marketplace keys and publish', () => {
  test('a skill is published, trusted by its key, installed elsewhere, and stopped by a revocation', async () => {
    const author = tempFolder();
    const { privateKey } = generateKeyPairSync('ed25519');
    const key = join(author, 'key.pem');
    const catalog = join(author, 'shop/catalog.json');
    writeFiles(author, {
      'key.pem': privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      'metadata/acme/report.yaml': aManifest('acme/report', 'side_effects: none\n'),
      'implementations/acme/report.ts':
        "import data from './report/data.json';\nexport const run = () => data;\n",
      'implementations/acme/report/data.json': '[1]\n',
    });
    const publish = ['publish', 'acme/report', '--key', key, '--key-id', 'acme', '--catalog', catalog];
    const { stdout } = await marketplace([...publish, '--json'], author);
    const published = JSON.parse(stdout) as { public_key: string; fingerprint: string; code?: string };
    expect(published).toMatchObject({ id: 'acme/report', version: '1.0.0' });
    expect(await codeOf(publish, author)).toBe('already_exists');
    expect(await codeOf([...publish, '--catalog', join(author, 'shop')], author)).toBe('already_exists');

    const root = aRoot();
    const install = ['install', 'acme/report', '--yes', '--catalog', catalog];
    expect(await codeOf(install, root)).toBe('signature_verification_failed');
    const add = ['keys', 'add', 'acme', '--public-key', published.public_key, '--namespace', 'acme/*'];
    expect((await marketplace(add, root)).stdout).toBe(
      `key_added: acme\nfingerprint: ${published.fingerprint}\n`,
    );
    expect(await codeOf(add, root)).toBe('already_exists');
    expect((await marketplace(install, root)).stdout).toBe('installed: acme/report\n');
    expect(readFileSync(join(root, 'implementations/acme/report/data.json'), 'utf8')).toBe('[1]\n');

    expect((await marketplace(['keys', 'revoke', 'acme'], root)).stdout).toBe('key_revoked: acme\n');
    expect((await marketplace(['keys', 'list'], root)).stdout).toMatch(/acme +revoked +acme\/\*/);
    expect((await marketplace(['verify'], root)).stdout).toMatch(
      /^signature_verification_failed: acme\/report/,
    );
    expect(await codeOf(['keys', 'revoke', 'other'], root)).toBe('unknown_key');
  });

  test('a skill that imports what is not beside it is not published', async () => {
    const author = aRoot({
      'metadata/acme/report.yaml': aManifest('acme/report'),
      'implementations/acme/report.ts': "export { run } from './other.ts';\n",
      'implementations/acme/other.ts': 'export const run = 1;\n',
    });
    const key = join(MARKETPLACE, 'fixture-key.pem');
    const argv = [
      'publish',
      'acme/report',
      '--key',
      key,
      '--key-id',
      'k',
      '--catalog',
      join(author, 'c.json'),
    ];
    expect(await codeOf(argv, author)).toBe('package_invalid');
    expect(existsSync(join(author, 'c.json'))).toBe(false);
  });

  test.each([
    [['--public-key', 'AAAA', '--namespace', 'acme/*'], 'usage'],
    [['--public-key', `${'A'.repeat(43)}=`, '--namespace', '*'], 'usage'],
    [['--public-key', `${'A'.repeat(43)}=`, '--namespace', 'acme/*', '--not-after', 'soon'], 'usage'],
  ])('keys add refuses %j', async (argv, code) => {
    const root = aRoot();
    const before = readFileSync(join(root, 'marketplace/keys.json'), 'utf8');
    expect(await codeOf(['keys', 'add', 'acme', ...argv], root)).toBe(code);
    expect(readFileSync(join(root, 'marketplace/keys.json'), 'utf8')).toBe(before);
  });
});

test('the sample root trusts the key of the fixtures for community packages alone', () => {
  const sample = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../skills/marketplace/keys.json'), 'utf8'),
  ) as unknown;
  expect(sample).toEqual(JSON.parse(readFileSync(join(MARKETPLACE, 'keys.json'), 'utf8')));
});
