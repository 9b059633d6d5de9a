import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openContents } from '../../../adapters/deployments/contents.ts';
import { deployedCode } from '../../../adapters/deployments/deployed-code.ts';
import { freezeRoot } from '../../../adapters/deployments/freeze-root.ts';
import { following, openPresentRoots, presentPolicies } from '../../../adapters/deployments/present-root.ts';
import { openSkillCode } from '../../../adapters/skill-code/bundles.ts';
import { openSharedBundles } from '../../../adapters/skill-code/shared-bundles.ts';
import { openState } from '../../../adapters/storage/state.ts';
import { activate } from '../../../core/deployments/active.ts';
import { parseConfig } from '../../../core/settings/config.ts';
import type { JsonObject } from '../../../core/json.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { memoryBlobs } from '../../support/memory-blobs.ts';
import { memoryRecords } from '../../support/memory-records.ts';
import { rootWith, writeSkill } from '../../support/deployment.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { writeFiles } from '../../support/write-files.ts';

const CODE = { code: 'export const run = () => 1;' };
const by = { at: '2026-11-29T10:00:00.000Z', by: 'ann' };
const skill = parseSkillId('test/one');

const configOf = (root: string) => parseConfig({ SKILLOS_ROOT: root, SKILLOS_DEPLOYMENTS: '1' });
const stored = () => ({ records: memoryRecords(), blobs: memoryBlobs() });
type Storage = ReturnType<typeof stored>;

async function freeze(root: string) {
  const storeDir = join(root, 'runtime', 'bundles');
  const frozen = await freezeRoot(root, { code: openSkillCode({ root, storeDir }), note: () => undefined });
  return { ...frozen, storeDir };
}

/** As `skillos deploy` does; resolves to the id and the hash of the code. */
async function deployTo(storage: Storage, root: string, seen?: string) {
  const { content, storeDir } = await freeze(root);
  const bundles = openSharedBundles(storage, storeDir);
  await Promise.all(Object.values(content.code).map((hash) => bundles.publish(hash)));
  const id = await openContents(storage.blobs).put(content);
  await activate(storage.records, { id, ...by, seen, keys: [] });
  return { id, hash: content.code[skill] ?? '' };
}

test('freezes what a root defines, and neither secrets nor settings nor state', async () => {
  const root = rootWith({ 'test/one': CODE });
  writeFiles(root, {
    'secrets/.env': 'KEY=hush\n',
    'settings.env': 'SKILLOS_BUDGET_DAILY=1\n',
    'connectors/a.yaml': 'id: a\ntype: http\nbase_url: https://example.org\n',
    'policies/approval_policies.json': '[]',
    'triggers/webhooks.json': '{"webhooks": []}',
    'logs/execution.log': '{}\n',
  });
  const { content, findings, skills } = await freeze(root);
  expect(findings).toEqual([]);
  expect(skills).toBe(1);
  expect(Object.keys(content.files).sort()).toEqual([
    'connectors/a.yaml',
    'metadata/test/one.yaml',
    'policies/approval_policies.json',
    'triggers/webhooks.json',
  ]);
  expect(Object.keys(content.code)).toEqual(['test/one']);
  expect(JSON.stringify(content)).not.toContain('hush');
  expect(existsSync(join(root, 'runtime', 'deployments'))).toBe(true);
  expect(readdirSync(join(root, 'runtime', 'deployments'))).toEqual([]);
});

test('finds what must not be deployed', async () => {
  const root = rootWith({ 'test/one': { code: 'export const other = 1;' } });
  writeFiles(root, {
    'policies/permission_policies.json': '{',
    'triggers/webhooks.json': '{"webhooks": [{"id": "Not valid"}]}',
    'metadata/test/two.yaml': 'id: test/two\n',
  });
  const { findings } = await freeze(root);
  expect(findings.map(({ rule }) => rule)).toEqual(
    expect.arrayContaining(['entrypoint_invalid', 'policy_invalid', 'trigger_invalid']),
  );
  expect(findings.filter(({ file }) => file === 'triggers/webhooks.json')).toHaveLength(1);
  expect(findings.some(({ file }) => file === 'metadata/test/two.yaml')).toBe(true);
});

test('takes no files that a lock names beside those of a verified package', async () => {
  const lockWith = (files: readonly string[]) => ({
    'skillos.lock': JSON.stringify({
      schema: 'skillos.lock/v1',
      packages: {
        'test/two': {
          version: '1.0.0',
          source: 'x',
          key_id: 'k',
          explicit: true,
          dependencies: [],
          capabilities: { hosts: [], connectors: [], secrets: [] },
          sha256: 'a'.repeat(64),
          files: Object.fromEntries(files.map((file) => [file, 'a'.repeat(64)])),
        },
      },
    }),
  });
  const root = rootWith({ 'test/one': CODE });
  writeFiles(root, { ...lockWith(['secrets/.env']), 'secrets/.env': 'KEY=hush\n' });
  await expect(freeze(root)).rejects.toMatchObject({ code: 'lock_invalid' });
  writeFiles(root, lockWith(['implementations/test/two.ts']));
  const { findings } = await freeze(root);
  expect(findings).toContainEqual(
    expect.objectContaining({ severity: 'error', rule: 'package_tampered', skill: 'test/two' }),
  );
});

test.each([
  ['a file', { 'policies/approval_policies.json': '[]' }],
  ['code', { 'implementations/test/one.ts': 'export const run = () => 2;' }],
])('refuses a root in which %s changes meanwhile', async (_what, change) => {
  const root = rootWith({ 'test/one': CODE });
  const code = openSkillCode({ root, storeDir: join(root, 'runtime', 'bundles') });
  const changing = {
    freeze: async (entry: Parameters<typeof code.freeze>[0]) => {
      const hash = await code.freeze(entry);
      writeFiles(root, change);
      return hash;
    },
  };
  await expect(freezeRoot(root, { code: changing, note: () => undefined })).rejects.toMatchObject({
    code: 'deployment_refused',
  });
});

test('a host without files reads what was deployed, and the next deployment when its record is read again', async () => {
  const storage = stored();
  const host = tempFolder();
  const root = rootWith({ 'test/one': CODE });
  const roots = openPresentRoots(configOf(host), storage);
  await expect(roots.current()).rejects.toMatchObject({ code: 'nothing_deployed' });
  const first = await deployTo(storage, root);
  const present = await roots.current();
  expect(present.deployment?.id).toBe(first.id);
  await expect(present.catalogs.fingerprint()).resolves.toBe(first.id);
  await expect(present.catalogs.find(skill)).resolves.toMatchObject({ id: skill });
  expect((await present.catalogs.load()).version).toBe(first.id);

  writeSkill(root, 'test/one', { code: 'export const run = () => 2;' });
  const second = await deployTo(storage, root, first.id);
  expect(second.hash).not.toBe(first.hash);
  const later = await openPresentRoots(configOf(host), storage).current();
  const code = deployedCode({ ...later, deployment: later.deployment! }, false);
  await expect(code.freeze((await later.catalogs.find(skill))!)).resolves.toBe(second.hash);
  await expect(roots.of(first.id)).resolves.toBe(present);

  rmSync(join(host, 'runtime', 'deployments'), { recursive: true });
  const again = await roots.of(first.id);
  expect(readFileSync(join(again.folder, 'metadata/test/one.yaml'), 'utf8')).toContain('id: test/one');
});

test('opens readers once for each state of the root', async () => {
  const storage = stored();
  await deployTo(storage, rootWith({ 'test/one': CODE }));
  const opened: string[] = [];
  const open = ({ folder }: { readonly folder: string }) => ({ at: opened.push(folder) });
  const folder = following(openPresentRoots(configOf(tempFolder()), storage), open);
  expect(await folder()).toBe(await folder());
  expect(opened).toHaveLength(1);
});

test('the policies of the folder count until the first deployment, then those of the deployment', async () => {
  const storage = stored();
  const host = tempFolder();
  writeFiles(host, { 'policies/permission_policies.json': '{' });
  const policies = () => presentPolicies(openPresentRoots(configOf(host), storage), host);
  await expect(policies().permissions()).resolves.toMatchObject({ status: 'invalid' });
  await deployTo(storage, rootWith({ 'test/one': CODE }));
  await expect(policies().permissions()).resolves.toEqual({ status: 'absent' });
});

test('a host that runs its folder still gives a run the deployment that it was prepared from', async () => {
  const storage = stored();
  const { id } = await deployTo(storage, rootWith({ 'test/one': CODE }));
  const host = rootWith({ 'test/two': CODE });
  const roots = openPresentRoots({ ...configOf(host), deployments: false }, storage);
  const skillsOf = async (deployment?: string) =>
    [...(await (await roots.of(deployment)).catalogs.load()).skills.keys()].join();
  expect([await skillsOf(id), await skillsOf()]).toEqual(['test/one', 'test/two']);
});

test('is unpacked once for all who ask at once, and others being written stay', async () => {
  const storage = stored();
  const host = tempFolder();
  const { id } = await deployTo(storage, rootWith({ 'test/one': CODE }));
  const written = Array.from({ length: 11 }, (_, index) => `runtime/deployments/.tmp-${index}/file`);
  writeFiles(host, Object.fromEntries(written.map((name) => [name, ''])));
  let reads = 0;
  const get = (hash: string) => ((reads += 1), storage.blobs.get(hash));
  const roots = openPresentRoots(configOf(host), { ...storage, blobs: { ...storage.blobs, get } });
  const present = await Promise.all(Array.from({ length: 14 }, () => roots.current()));
  expect(new Set(present).size).toBe(1);
  expect(reads).toBe(1);
  expect(existsSync(join(host, 'runtime/deployments', id, 'metadata/test/one.yaml'))).toBe(true);
  expect(written.filter((name) => !existsSync(join(host, name)))).toEqual([]);
});

test('keeps ten deployments, and the active one besides, also if it is the oldest', async () => {
  const storage = stored();
  const host = tempFolder();
  const { id } = await deployTo(storage, rootWith({ 'test/one': CODE }));
  await openPresentRoots(configOf(host), storage).current();
  const other = openPresentRoots(configOf(host), storage);
  for (let version = 0; version < 12; version++) {
    const content = { format: 1, files: { 'metadata/a/b.yaml': `${version}` }, code: {} } as const;
    await other.of(await openContents(storage.blobs).put(content));
  }
  const kept = readdirSync(join(host, 'runtime/deployments'));
  expect(kept).toContain(id);
  expect(kept).toHaveLength(11);
});

test('policies stay what they are while the folder is removed, and a folder that lacks files is replaced', async () => {
  const storage = stored();
  const host = tempFolder();
  const root = rootWith({ 'test/one': CODE });
  writeFiles(root, { 'policies/permission_policies.json': '{"roles": {"any": ["*"]}}' });
  const { id } = await deployTo(storage, root);
  const roots = openPresentRoots(configOf(host), storage);
  const present = await roots.current();
  const folder = join(host, 'runtime/deployments', id);
  const before = await present.policies.permissions();
  expect(before).not.toEqual({ status: 'absent' });
  rmSync(join(folder, 'policies'), { recursive: true });
  await expect(present.policies.permissions()).resolves.toEqual(before);
  const restarted = openPresentRoots(configOf(host), storage);
  await expect((await restarted.current()).policies.permissions()).resolves.toEqual(before);
  rmSync(join(folder, '.deployment.json'));
  await Promise.all([roots.current(), restarted.current()]);
  expect(existsSync(join(folder, 'policies/permission_policies.json'))).toBe(true);
});

test('refuses a deployment that was changed in the storage, and an id that is none', async () => {
  const root = rootWith({ 'test/one': CODE });
  const config = configOf(root);
  const files = openState(config);
  const { id } = await deployTo(files, root);
  const blob = join(root, 'runtime', 'blobs', id.slice(0, 2), id);
  writeFileSync(blob, `${readFileSync(blob, 'utf8')} `);
  await expect(openPresentRoots(config, files).current()).rejects.toMatchObject({ code: 'state_corrupt' });
  await expect(openPresentRoots(config, files).of('../records')).rejects.toMatchObject({
    code: 'blob_unavailable',
  });
});

test('a deployment cannot write out of its folder', async () => {
  const storage = stored();
  const host = tempFolder();
  const content = { format: 1, files: { '../../escaped': 'x' }, code: {} } as const;
  const id = await openContents(storage.blobs).put(content);
  await expect(openPresentRoots(configOf(host), storage).of(id)).rejects.toMatchObject({
    code: 'path_outside_root',
  });
  expect(existsSync(join(host, 'runtime', 'escaped'))).toBe(false);
});

describe('bundles in the storage', () => {
  test('reach a host that has none, once', async () => {
    const storage = stored();
    const { hash } = await deployTo(storage, rootWith({ 'test/one': CODE }));
    const folder = join(tempFolder(), 'bundles');
    const bundles = openSharedBundles(storage, folder);
    await Promise.all([bundles.fetch(hash), bundles.fetch(hash)]);
    const files = readdirSync(folder).filter((name) => name.startsWith(hash));
    expect(files.sort()).toEqual([`${hash}.json`, `${hash}.mjs`]);
    await expect(bundles.missing([hash, hash])).resolves.toEqual([]);
  });

  test.each([
    ['other code', async (storage: Storage) => ({ code: await storage.blobs.put(Buffer.from('evil()')) })],
    ['other terms', async () => ({ hosts: ['evil.example'] })],
    ['no code', async () => ({ code: 1 })],
  ])('are refused with %s', async (_what, change) => {
    const storage = stored();
    const { hash } = await deployTo(storage, rootWith({ 'test/one': CODE }));
    const changed = await change(storage);
    await storage.records.update<JsonObject>('bundles', hash, (bundle) => ({ ...bundle, ...changed }));
    const folder = join(tempFolder(), 'bundles');
    await expect(openSharedBundles(storage, folder).fetch(hash)).rejects.toMatchObject({
      code: 'code_tampered',
    });
    expect(existsSync(folder)).toBe(false);
  });

  test('are refused with other bytes, and missed if they are gone', async () => {
    const root = rootWith({ 'test/one': CODE });
    const files = openState(configOf(root));
    const { hash } = await deployTo(files, root);
    const { code = '' } = (await files.records.get<{ code: string }>('bundles', hash)) ?? {};
    const blob = join(root, 'runtime', 'blobs', code.slice(0, 2), code);
    writeFileSync(blob, 'evil()');
    const elsewhere = openSharedBundles(files, join(tempFolder(), 'bundles'));
    await expect(elsewhere.fetch(hash)).rejects.toMatchObject({ code: 'code_tampered' });
    rmSync(blob);
    await expect(elsewhere.missing([hash, 'f'.repeat(64)])).resolves.toEqual([hash, 'f'.repeat(64)]);
    await expect(elsewhere.fetch(hash)).rejects.toMatchObject({ code: 'code_unavailable' });
    await expect(elsewhere.fetch('f'.repeat(64))).rejects.toMatchObject({
      code: 'code_unavailable',
      message: 'Frozen code "ffffffffffff" is not in the storage',
    });
  });

  test('are stored again by the next deployment, whatever the storage has lost', async () => {
    const root = rootWith({ 'test/one': CODE });
    const files = openState(configOf(root));
    const { id, hash } = await deployTo(files, root);
    const { code = '' } = (await files.records.get<{ code: string }>('bundles', hash)) ?? {};
    rmSync(join(root, 'runtime', 'blobs', code.slice(0, 2), code));
    await files.records.update<JsonObject>('bundles', hash, (bundle) => ({ ...bundle, hosts: ['evil'] }));
    const bundles = openSharedBundles(files, join(tempFolder(), 'bundles'));
    await expect(bundles.missing([hash])).resolves.toEqual([hash]);
    await deployTo(files, root, id);
    await expect(bundles.fetch(hash)).resolves.toBeUndefined();
  });

  test('record their last use, exact to a day', async () => {
    const storage = stored();
    const root = rootWith({ 'test/one': CODE });
    const usedAt = async (hash: string) =>
      (await storage.records.get<{ code: string; usedAt: string }>('bundles', hash))?.usedAt ?? '';
    const { id, hash } = await deployTo(storage, root);
    const first = await usedAt(hash);
    await deployTo(storage, root, id);
    expect(await usedAt(hash)).toBe(first);
    const old = new Date(Date.now() - 86_400_001).toISOString();
    await storage.records.update<JsonObject>('bundles', hash, (bundle) => ({ ...bundle, usedAt: old }));
    await deployTo(storage, root, id);
    expect((await usedAt(hash)) >= first).toBe(true);
  });

  test('are at most 10 MiB', async () => {
    const storage = stored();
    const root = rootWith({ 'test/one': CODE });
    mkdirSync(join(root, 'implementations', 'test'), { recursive: true });
    writeFiles(root, { 'implementations/test/large.csv': 'x'.repeat(10 * 1024 * 1024) });
    writeSkill(root, 'test/one', {
      code: `import text from './large.csv';\nexport const run = () => text.length;`,
    });
    await expect(deployTo(storage, root)).rejects.toMatchObject({
      code: 'code_invalid',
      message: expect.stringMatching(/^The code of skill "test\/one" is 10\.\d MiB/) as unknown,
    });
  });
});
