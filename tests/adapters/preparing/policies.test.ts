import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPolicies } from '../../../adapters/preparing/policies.ts';
import type { PermissionFile } from '../../../core/rights/permission-file.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const FILE = 'policies/permission_policies.json';

function rootWithPolicies(content?: string | Uint8Array): string {
  const root = tempFolder();
  mkdirSync(join(root, 'policies'));
  if (content !== undefined) writeFileSync(join(root, FILE), content);
  return root;
}

const read = (root: string): Promise<PermissionFile> => openPolicies(root).permissions();
const problem = (what: string) => ({
  status: 'invalid',
  message: `${FILE}: ${what}; nothing is allowed until the file is corrected`,
});

describe('permissions', () => {
  test('are absent without a file, without a folder, and without a root', async () => {
    const root = tempFolder();
    for (const folder of [rootWithPolicies(), root, join(root, 'missing')]) {
      expect(await read(folder)).toEqual({ status: 'absent' });
    }
  });

  test('are read, with and without a byte order mark', async () => {
    const text = '{"roles": {"a": "b"}}';
    for (const content of [text, `\uFEFF${text}`]) {
      expect(await read(rootWithPolicies(content))).toMatchObject({
        status: 'read',
        rules: { roles: new Map([['a', ['b']]]) },
      });
    }
  });

  test('follow an edit at once', async () => {
    const root = rootWithPolicies('{}');
    const policies = openPolicies(root);
    expect(await policies.permissions()).toBe(await policies.permissions());
    writeFileSync(join(root, FILE), '[]');
    expect(await policies.permissions()).toMatchObject({ status: 'invalid' });
    rmSync(join(root, FILE));
    expect(await policies.permissions()).toEqual({ status: 'absent' });
  });

  test.each<[string, string | Uint8Array, string]>([
    ['is empty', '', 'is not JSON'],
    ['was cut off', '{"roles": {"admin"', 'is not JSON'],
    ['is not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'is not UTF-8'],
    ['is huge', ' '.repeat(1024 * 1024 + 1), 'is larger than 1 MiB'],
  ])('of a file that %s are invalid', async (_what, content, expected) => {
    expect(await read(rootWithPolicies(content))).toEqual(problem(expected));
  });

  test('of a folder in its place are invalid', async () => {
    const root = rootWithPolicies();
    mkdirSync(join(root, FILE));
    expect(await read(root)).toEqual(problem('is not a regular file'));
  });

  test('of a file in place of the folder are invalid', async () => {
    const root = tempFolder();
    writeFileSync(join(root, 'policies'), '{}');
    expect(await read(root)).toEqual(problem('cannot be read'));
  });

  test('behind links are read; those that lead nowhere or in a circle are invalid', async () => {
    const root = rootWithPolicies('{}');
    const file = join(root, FILE);
    renameSync(file, join(root, 'elsewhere.json'));
    symlinkSync('../elsewhere.json', file);
    expect(await read(root)).toMatchObject({ status: 'read' });
    rmSync(join(root, 'elsewhere.json'));
    expect(await read(root)).toEqual(problem('cannot be read'));
    rmSync(file);
    symlinkSync('permission_policies.json', file);
    expect(await read(root)).toEqual(problem('cannot be read'));
    rmSync(join(root, 'policies'), { recursive: true });
    symlinkSync('nowhere', join(root, 'policies'));
    expect(await read(root)).toEqual(problem('cannot be read'));
  });
});

describe('approvals', () => {
  test('are absent without a file', async () => {
    expect(await openPolicies(rootWithPolicies('{}')).approvals()).toEqual({ status: 'absent' });
  });

  test('are read from a file of their own, and follow an edit at once', async () => {
    const root = rootWithPolicies();
    const file = join(root, 'policies/approval_policies.json');
    const policies = openPolicies(root);
    writeFileSync(file, '{"policies": [{"skill_id": "finance/close_books", "requires_approval": true}]}');
    expect(await policies.approvals()).toMatchObject({ status: 'read', policies: [{ isRequired: true }] });
    expect(await policies.permissions()).toEqual({ status: 'absent' });
    writeFileSync(file, '{"policies": [{"requires_approval": "false"}]}');
    expect(await policies.approvals()).toMatchObject({
      status: 'invalid',
      message: expect.stringMatching(/^policies\/approval_policies\.json: policies\[0\]\.skill_id: /),
    });
  });
});
