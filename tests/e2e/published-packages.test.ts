/** The way of a package from its author to others: published to a git repository, and read from there over https. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { sha256 } from '../../core/values/digest.ts';
import { httpServer } from '../support/http-server.ts';
import type { HttpServer } from '../support/http-server.ts';
import { skillos } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { selfSigned } from '../support/tls.ts';
import type { Certificate } from '../support/tls.ts';
import { aManifest, writeFiles } from '../support/write-files.ts';

const HELLO = 'implementations/acme/hello.ts';

let author: string;
let repository: string;
let root: string;
let env: Readonly<Record<string, string>>;
let tls: Certificate;
let server: HttpServer;
let catalog: string;

const git = (...argv: readonly string[]): string =>
  execFileSync(
    'git',
    ['-C', repository, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...argv],
    {
      encoding: 'utf8',
    },
  );

/** Publishes a version and commits it; resolves to what the command says. */
async function publish(version: string, code: string): Promise<Record<string, string>> {
  writeFiles(author, {
    'metadata/acme/hello.yaml': aManifest('acme/hello', 'side_effects: none\n').replace('1.0.0', version),
    [HELLO]: code,
  });
  const key = ['--key', path.join(author, 'key.pem'), '--key-id', 'acme-2027'];
  const argv = ['marketplace', 'publish', 'acme/hello', ...key, '--catalog', repository];
  const { code: exit, stdout } = await skillos([...argv, '--root', author, '--json'], { env });
  expect(exit).toBe(0);
  git('add', 'catalog.json');
  git('commit', '--quiet', '--message', version);
  return JSON.parse(stdout) as Record<string, string>;
}

/** As somebody else, who trusts the certificate of the server. */
const reader = (...argv: readonly string[]) =>
  skillos(['marketplace', ...argv], {
    env: {
      ...env,
      NODE_EXTRA_CA_CERTS: tls.file,
      SKILLOS_MARKETPLACE_CATALOG: catalog,
      SKILLOS_ROOT: root,
    },
  });

beforeEach(async () => {
  [author, repository, root] = [tempFolder(), tempFolder(), tempFolder()];
  env = { PATH: process.env['PATH'] ?? '', HOME: tempFolder(), SKILLOS_CACHE_DIR: tempFolder() };
  git('init', '--quiet');
  tls = selfSigned('IP:127.0.0.1');
  server = await httpServer((request, response) => {
    const text = git('show', 'HEAD:catalog.json');
    const etag = `"${sha256(text)}"`;
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.writeHead(200, { etag }).end(text);
  }, tls);
  catalog = `${server.url}/raw/HEAD/catalog.json`;
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', path.join(author, 'key.pem')]);
});

afterEach(() => server[Symbol.asyncDispose]());

test('a package comes from a git repository over https, and so does its next version', async () => {
  const { public_key: key = '', fingerprint = '' } = await publish('1.0.0', 'export const run = () => 1;\n');
  expect(await reader('browse')).toMatchObject({ code: 0, stdout: 'acme/hello 1.0.0 A skill\n', stderr: '' });
  expect((await reader('browse')).stdout).toBe('acme/hello 1.0.0 A skill\n');
  expect(server.requests.map(({ headers }) => headers['if-none-match'] === undefined)).toEqual([true, false]);

  const untrusted = await reader('install', 'acme/hello', '--yes');
  expect([untrusted.code, untrusted.stderr]).toEqual([
    1,
    expect.stringContaining('signature_verification_failed'),
  ]);
  const trust = await reader('keys', 'add', 'acme-2027', '--public-key', key, '--namespace', 'acme/*');
  expect(trust.stdout).toContain(`fingerprint: ${fingerprint}\n`);
  expect((await reader('install', 'acme/hello', '--yes')).stdout).toBe('installed: acme/hello\n');
  expect(readFileSync(path.join(root, 'skillos.lock'), 'utf8')).toContain(JSON.stringify(catalog));

  await publish('1.1.0', 'export const run = () => 2;\n');
  expect((await reader('browse')).stdout).toBe('acme/hello 1.1.0 A skill\n');
  const updated = await reader('update', '--yes');
  expect([updated.stdout, updated.stderr]).toEqual([
    'updated: acme/hello 1.1.0\n',
    expect.stringContaining('+export const run = () => 2;'),
  ]);
  expect(readFileSync(path.join(root, HELLO), 'utf8')).toContain('2');
});

test('a server whose certificate nobody vouches for is asked nothing', async () => {
  const argv = ['marketplace', 'browse', '--catalog', catalog];
  const { code, stdout, stderr } = await skillos(argv, { env });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('DEPTH_ZERO_SELF_SIGNED_CERT (input_unreadable)');
  expect(server.requests).toEqual([]);
});
