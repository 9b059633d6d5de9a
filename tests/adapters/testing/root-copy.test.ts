import { existsSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { copyRoot } from '../../../adapters/testing/root-copy.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { writeFiles } from '../../support/write-files.ts';

function aRoot(): string {
  const root = tempFolder();
  writeFiles(root, {
    'metadata/a/b.yaml': 'id: a/b\n',
    'secrets/.env': 'KEY=1\n',
    'runtime/x': '',
    'node_modules/lib/index.js': '',
  });
  return root;
}

test('copies files and links within the root, and no state, secrets or links that leave it', async () => {
  const root = aRoot();
  symlinkSync('metadata/a/b.yaml', path.join(root, 'inside'));
  symlinkSync('../elsewhere', path.join(root, 'outside'));
  symlinkSync(tempFolder(), path.join(root, 'absolute'));
  const target = path.join(tempFolder(), 'root');
  await copyRoot(root, target);
  expect(readdirSync(target).sort()).toEqual(['inside', 'metadata', 'node_modules']);
  expect(readFileSync(path.join(target, 'inside'), 'utf8')).toBe('id: a/b\n');
  expect(existsSync(path.join(target, 'node_modules/lib/index.js'))).toBe(true);
});

test('a copy that cannot be made is an error of storage, with the way out', async () => {
  const folder = tempFolder();
  writeFiles(folder, { file: '' });
  await expect(copyRoot(aRoot(), path.join(folder, 'file/root'))).rejects.toMatchObject({
    code: 'storage_refused',
    message: expect.stringMatching(/^Cannot copy .* --in-place needs no copy: not a directory \(ENOTDIR\)$/),
  });
});
