import { deploy } from '../../../client/deployments/deploy.ts';
import type { DeployPorts } from '../../../client/deployments/deploy.ts';
import {
  activateDeployment,
  compareDeployments,
  deploymentList,
  fileOf,
  rollBack,
  showDeployment,
} from '../../../client/deployments/deployments.ts';
import { openContents } from '../../../adapters/deployments/contents.ts';
import type { DeploymentContent } from '../../../core/deployments/content.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { aRights } from '../../support/builders.ts';
import { memoryBlobs } from '../../support/memory-blobs.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const { jest } = import.meta;
const actor = { rights: aRights(), way: 'cli' } as const;
const stranger = { rights: aRights({ file: { status: 'invalid', message: 'x' } }), way: 'cli' } as const;

function portsWith(missing: readonly string[] = []): DeployPorts & { readonly published: string[] } {
  const published: string[] = [];
  let ms = 0;
  return {
    records: memoryRecords(),
    journal: memoryJournal(),
    tenant: 'default',
    contents: openContents(memoryBlobs()),
    missingCode: async (hashes) => hashes.filter((hash) => missing.includes(hash)),
    publishCode: async (hash) => void published.push(hash),
    now: () => (ms += 1000),
    published,
  };
}

const contentOf = (version: string): DeploymentContent => ({
  format: 1,
  files: { 'metadata/a/b.yaml': version },
  code: { 'a/b': version.repeat(64) },
});

const deployVersion = (ports: DeployPorts, version: string, more: { readonly dryRun?: boolean } = {}) =>
  deploy(ports, actor, {
    dryRun: false,
    message: `version ${version}`,
    freeze: async () => ({ content: contentOf(version), skills: 1 }),
    ...more,
  });

async function auditedIn({ journal }: DeployPorts): Promise<readonly unknown[]> {
  return (await journal.read('audit/default')).entries.map(({ action }) => action);
}

test('deploys, lists, compares, rolls back and activates, each audited', async () => {
  const ports = portsWith();
  const one = await deployVersion(ports, 'a');
  const two = await deployVersion(ports, 'b');
  expect(one).toMatchObject({ status: 'deployed', changes: [{ change: 'added' }, { change: 'added' }] });
  expect(two).toMatchObject({ status: 'deployed', changes: [{ change: 'changed' }, { change: 'changed' }] });
  expect(ports.published).toEqual(['a'.repeat(64), 'b'.repeat(64)]);
  const { items } = await deploymentList(ports, actor.rights, { limit: 10 });
  expect(items).toMatchObject([
    { id: two.id, active: true, message: 'version b', skills: 1, files: 1 },
    { id: one.id, active: false },
  ]);
  const compared = await compareDeployments(ports, actor.rights, [one.id ?? '', 'active']);
  expect(compared.changes).toHaveLength(2);
  await expect(rollBack(ports, actor)).resolves.toBe(one.id);
  const shown = await showDeployment(ports, actor.rights, 'active');
  expect(fileOf(shown, 'metadata/a/b.yaml')).toBe('a');
  expect(() => fileOf(shown, 'toString')).toThrow(expect.objectContaining({ code: 'usage' }));
  await expect(rollBack(ports, actor)).rejects.toMatchObject({ code: 'deployment_conflict' });
  await expect(activateDeployment(ports, actor, two.id?.slice(0, 8) ?? '')).resolves.toBe(two.id);
  await expect(auditedIn(ports)).resolves.toEqual([
    'deployed',
    'deployed',
    'deployment_rolled_back',
    'deployment_activated',
  ]);
});

test('a deployment without a change stores the code again, which the storage may have lost', async () => {
  const ports = portsWith();
  await deployVersion(ports, 'a');
  await expect(deployVersion(ports, 'a')).resolves.toMatchObject({ status: 'unchanged' });
  expect(ports.published).toEqual(['a'.repeat(64), 'a'.repeat(64)]);
});

test('an activation whose audit entry could not be written is audited by the next command, once', async () => {
  const ports = portsWith();
  const append = async () => Promise.reject(new Error('the journal is away'));
  await expect(deployVersion({ ...ports, journal: { ...ports.journal, append } }, 'a')).rejects.toThrow(
    'the journal is away',
  );
  await expect(deployVersion(ports, 'a')).resolves.toMatchObject({ status: 'unchanged' });
  await deployVersion(ports, 'a');
  const { entries } = await ports.journal.read('audit/default');
  expect(entries).toMatchObject([
    { action: 'deployed', comment: 'version a', at: '1970-01-01T00:00:01.000Z' },
  ]);
});

test('a dry run and a deployment without a change add no entry', async () => {
  const ports = portsWith();
  await expect(deployVersion(ports, 'a', { dryRun: true })).resolves.toMatchObject({ status: 'dry_run' });
  await expect(deploymentList(ports, actor.rights, { limit: 10 })).resolves.toEqual({ items: [] });
  await deployVersion(ports, 'a');
  await expect(deployVersion(ports, 'a')).resolves.toMatchObject({ status: 'unchanged' });
  expect((await deploymentList(ports, actor.rights, { limit: 10 })).items).toHaveLength(1);
});

test('of two deployments at once one is active, and the other is refused', async () => {
  const ports = portsWith();
  await deployVersion(ports, 'a');
  const ended = await Promise.allSettled([deployVersion(ports, 'b'), deployVersion(ports, 'c')]);
  expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(ended.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'deployment_conflict' },
  });
  expect((await deploymentList(ports, actor.rights, { limit: 10 })).items).toHaveLength(2);
});

test('a key that was revoked once is trusted by no later deployment', async () => {
  const ports = portsWith();
  const key = { key_id: 'one', public_key: `${'A'.repeat(43)}=`, namespaces: ['community/*'] };
  const withKeys = (version: string, keys: readonly object[], dryRun = false) =>
    deploy(ports, actor, {
      dryRun,
      freeze: async () => ({
        content: { ...contentOf(version), files: { 'marketplace/keys.json': JSON.stringify({ keys }) } },
        skills: 1,
      }),
    });
  const trusting = await withKeys('a', [key]);
  await withKeys('b', [{ ...key, revoked: true }]);
  await withKeys('c', []);
  const refused = { code: 'key_revoked' };
  await expect(activateDeployment(ports, actor, trusting.id ?? '')).rejects.toMatchObject(refused);
  await expect(withKeys('d', [key])).rejects.toMatchObject(refused);
  await expect(withKeys('d', [key], true)).rejects.toMatchObject(refused);
  expect((await deploymentList(ports, actor.rights, { limit: 10 })).items).toHaveLength(3);
});

describe('policies', () => {
  const admin = {
    rights: aRights({ principal: { subject: 'ann', roles: ['admin'], via: 'local' } }),
    way: 'cli',
  } as const;
  const withRoles = (
    roles: object,
    more: { readonly dryRun?: boolean; readonly isRecovery?: boolean } = {},
  ) => ({
    dryRun: false,
    freeze: async () => ({
      content: {
        ...contentOf('a'),
        files: { 'policies/permission_policies.json': JSON.stringify({ roles }) },
      },
      skills: 1,
    }),
    ...more,
  });

  test.each([true, false])(
    'that let the caller deploy nothing more are refused (dry run: %s)',
    async (dryRun) => {
      const ports = portsWith();
      await expect(deploy(ports, admin, withRoles({ other: ['*'] }, { dryRun }))).rejects.toMatchObject({
        code: 'deployment_refused',
        message:
          'Nothing was deployed: by the policies of the skills root you could deploy nothing more. This requires "skills:write", which role "admin" does not grant',
      });
      expect(ports.published).toEqual([]);
      const granted = deploy(ports, admin, withRoles({ admin: ['skills:*'] }, { dryRun }));
      await expect(granted).resolves.toMatchObject({ status: dryRun ? 'dry_run' : 'deployed' });
    },
  );

  test('a lost or damaged active deployment is stored again, and a recovery is audited', async () => {
    const ports = portsWith();
    await deployVersion(ports, 'a');
    for (const code of ['blob_unavailable', 'state_corrupt'] as const) {
      const get = async () => Promise.reject(new SkillosError(code, 'lost'));
      const put = jest.fn((bytes: Parameters<typeof ports.contents.put>[0]) => ports.contents.put(bytes));
      const request = {
        dryRun: false,
        isRecovery: true,
        freeze: async () => ({ content: contentOf('a'), skills: 1 }),
      };
      const deployed = await deploy({ ...ports, contents: { put, get } }, actor, request);
      expect(deployed).toMatchObject({
        status: 'deployed',
        changes: [{ change: 'added' }, { change: 'added' }],
      });
      expect(put).toHaveBeenCalled();
    }
    await expect(deployVersion(ports, 'a')).resolves.toMatchObject({ status: 'unchanged' });
    const { entries } = await ports.journal.read('audit/default');
    expect(entries.map(({ after }) => after)).toMatchObject([{}, { recovery: true }, { recovery: true }]);
  });
});

test('activates nothing whose code is gone', async () => {
  const ports = portsWith(['a'.repeat(64)]);
  await deployVersion(ports, 'a');
  const two = await deployVersion(ports, 'b');
  await expect(rollBack(ports, actor)).rejects.toMatchObject({
    code: 'code_unavailable',
    message: 'The code of skill "a/b" is no longer in the storage; nothing was activated',
  });
  await expect(showDeployment(ports, actor.rights, 'active')).resolves.toMatchObject({ id: two.id });
});

test('takes the permission skills:write, and the root is not read without it', async () => {
  const ports = portsWith();
  const freeze = async () => Promise.reject(new Error('Expected no read of the root'));
  const denied = { code: 'policy_invalid' };
  await expect(deploy(ports, stranger, { dryRun: true, freeze })).rejects.toMatchObject(denied);
  await expect(rollBack(ports, stranger)).rejects.toMatchObject(denied);
  await expect(deploymentList(ports, stranger.rights, { limit: 1 })).rejects.toMatchObject(denied);
  await expect(showDeployment(ports, stranger.rights, 'active')).rejects.toMatchObject(denied);
  await expect(showDeployment(ports, actor.rights, 'active')).rejects.toMatchObject({
    code: 'unknown_deployment',
  });
  await expect(rollBack(ports, actor)).rejects.toMatchObject({ code: 'unknown_deployment' });
});

test('a caller of another tenant sees and changes none, whatever its role grants, and is audited', async () => {
  const ports = portsWith();
  await deployVersion(ports, 'a');
  await deployVersion(ports, 'b');
  const other = { ...actor, rights: { ...actor.rights, tenant: 'acme' } };
  const denied = {
    code: 'permission_denied',
    message: 'Deployments are of all tenants: expected a caller of the tenant "default", not of "acme"',
  };
  await expect(rollBack(ports, other)).rejects.toMatchObject(denied);
  await expect(activateDeployment(ports, other, 'active')).rejects.toMatchObject(denied);
  const freeze = async () => Promise.reject(new Error('Expected no read of the root'));
  await expect(deploy(ports, other, { dryRun: true, freeze })).rejects.toMatchObject(denied);
  await expect(deploymentList(ports, other.rights, { limit: 1 })).rejects.toMatchObject(denied);
  await expect(showDeployment(ports, other.rights, 'active')).rejects.toMatchObject(denied);
  const { entries } = await ports.journal.read('audit/acme');
  expect(entries.map(({ action }) => action)).toEqual(Array(3).fill('operation_denied'));
});

test('refuses a message that is too long', async () => {
  const freeze = async () => ({ content: contentOf('a'), skills: 1 });
  await expect(
    deploy(portsWith(), actor, { dryRun: false, message: 'x'.repeat(501), freeze }),
  ).rejects.toMatchObject({ code: 'usage' });
});
