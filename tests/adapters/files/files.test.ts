import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import {
  createDurable,
  isErrno,
  makeDir,
  realpathBelow,
  safeJoin,
  storageError,
  writeAtomic,
} from '../../../adapters/files/files.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { tempFolder } from '../../support/temp-folder.ts';

describe('writeAtomic', () => {
  test('writes text and bytes, for the owner only unless told otherwise', async () => {
    const dir = tempFolder();
    await writeAtomic(path.join(dir, 'a'), 'ü');
    await writeAtomic(path.join(dir, 'b'), Uint8Array.of(0, 255), { mode: 0o640 });
    expect(readFileSync(path.join(dir, 'a'), 'utf8')).toBe('ü');
    expect([...readFileSync(path.join(dir, 'b'))]).toEqual([0, 255]);
    expect(statSync(path.join(dir, 'a')).mode & 0o777).toBe(0o600);
    expect(statSync(path.join(dir, 'b')).mode & 0o777).toBe(0o640);
    expect(readdirSync(dir)).toEqual(['a', 'b']);
  });

  test('replaces the file and not what is written in it', async () => {
    const dir = tempFolder();
    const file = path.join(dir, 'a');
    writeFileSync(file, 'old');
    const before = statSync(file).ino;
    await writeAtomic(file, 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(statSync(file).ino).not.toBe(before);
  });

  test('replaces a symbolic link and leaves what it leads to', async () => {
    const dir = tempFolder();
    writeFileSync(path.join(dir, 'target'), 'old');
    symlinkSync('target', path.join(dir, 'link'));
    await writeAtomic(path.join(dir, 'link'), 'new');
    expect(readFileSync(path.join(dir, 'target'), 'utf8')).toBe('old');
  });

  test('leaves no temporary file when it cannot replace, and names no folder', async () => {
    const dir = tempFolder();
    mkdirSync(path.join(dir, 'a'));
    await expect(writeAtomic(path.join(dir, 'a'), 'x')).rejects.toMatchObject({
      code: 'storage_refused',
      message: expect.stringMatching(/^Cannot write "a": .*\(EISDIR\)$/),
    });
    expect(readdirSync(dir)).toEqual(['a']);
  });

  test('says storage_unreachable where the folder is missing', async () => {
    await expect(writeAtomic(path.join(tempFolder(), 'none', 'a'), 'x')).rejects.toMatchObject({
      code: 'storage_unreachable',
      message: 'Cannot write "a": no such file or directory (ENOENT)',
    });
  });
});

describe('createDurable', () => {
  test('leaves a file that is there as it is', async () => {
    const file = path.join(tempFolder(), 'a');
    await createDurable(file, 'first');
    const second = await createDurable(file, 'second').catch((error: unknown) => error);
    expect(isErrno(second, 'EEXIST')).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe('first');
  });
});

describe('makeDir', () => {
  test('makes missing parents for the owner only and leaves those that exist', async () => {
    const dir = tempFolder();
    chmodSync(dir, 0o755);
    await makeDir(path.join(dir, 'a', 'b', 'c'));
    await makeDir(path.join(dir, 'a', 'b', 'c'));
    expect(['', 'a', 'a/b', 'a/b/c'].map((part) => statSync(path.join(dir, part)).mode & 0o777)).toEqual([
      0o755, 0o700, 0o700, 0o700,
    ]);
  });

  test('says storage_refused where a file is in the way', async () => {
    const file = path.join(tempFolder(), 'a');
    writeFileSync(file, '');
    await expect(makeDir(path.join(file, 'b'))).rejects.toMatchObject({
      code: 'storage_refused',
      message: 'Cannot make the folder "b": not a directory (ENOTDIR)',
    });
  });
});

describe('safeJoin', () => {
  test.each([
    [['a'], '/root/a'],
    [['a', 'b.txt'], '/root/a/b.txt'],
    [['a/../b'], '/root/b'],
    [['..a'], '/root/..a'],
    [['...'], '/root/...'],
    [[], '/root'],
  ])('joins %j', (parts, expected) => {
    expect(safeJoin('/root', ...parts)).toBe(expected);
  });

  test.each([
    [['..']],
    [['../rootless']],
    [['a', '../..']],
    [['/etc/passwd']],
    [['a', '/root/b']],
    [['a\0b']],
  ])('refuses %j', (parts) => {
    expect(() => safeJoin('/root', ...parts)).toThrow(
      expect.objectContaining({ code: 'path_outside_root', message: expect.not.stringContaining('"/root"') }),
    );
  });
});

describe('realpathBelow', () => {
  function aRoot(): string {
    const dir = tempFolder();
    mkdirSync(path.join(dir, 'outside'));
    mkdirSync(path.join(dir, 'root', 'real'), { recursive: true });
    writeFileSync(path.join(dir, 'root', 'real', 'a'), '');
    symlinkSync('real', path.join(dir, 'root', 'inner'));
    symlinkSync('../outside', path.join(dir, 'root', 'outer'));
    symlinkSync('../outside/new', path.join(dir, 'root', 'dangling'));
    symlinkSync('loop', path.join(dir, 'root', 'loop'));
    symlinkSync('root', path.join(dir, 'alias'));
    return dir;
  }

  test.each([
    ['root/real/a', 'root/real/a'],
    ['root/inner/a', 'root/real/a'],
    ['root/inner/new/deep', 'root/real/new/deep'],
    ['root', 'root'],
  ])('resolves %s', async (target, expected) => {
    const dir = aRoot();
    await expect(realpathBelow(path.join(dir, 'root'), path.join(dir, target))).resolves.toBe(
      path.join(dir, expected),
    );
  });

  test('takes a root that is itself a link', async () => {
    const dir = aRoot();
    await expect(realpathBelow(path.join(dir, 'alias'), path.join(dir, 'alias', 'inner'))).resolves.toBe(
      path.join(dir, 'root', 'real'),
    );
  });

  test.each(['root/outer', 'root/outer/new', 'root/dangling', 'root/loop', 'outside', 'root/real/a/b'])(
    'refuses %s',
    async (target) => {
      const dir = aRoot();
      await expect(realpathBelow(path.join(dir, 'root'), path.join(dir, target))).rejects.toMatchObject({
        code: 'path_outside_root',
        message: expect.not.stringContaining(dir),
      });
    },
  );
});

describe('storageError', () => {
  test('keeps a SkillosError as it is', () => {
    const error = new SkillosError('lock_timeout', 'Waited');
    expect(storageError('Cannot write', error)).toBe(error);
  });

  test('hides what is not an error of the system', () => {
    expect(storageError('Cannot write', new Error('secret')).message).toBe(
      'Cannot write: unexpected error (unknown)',
    );
  });

  test.each([
    ['EACCES', 'storage_refused'],
    ['EROFS', 'storage_refused'],
    ['ENAMETOOLONG', 'storage_refused'],
    ['ENOSPC', 'storage_full'],
    ['EDQUOT', 'storage_full'],
    ['EIO', 'storage_unreachable'],
    ['EMFILE', 'storage_unreachable'],
    ['ESTALE', 'storage_unreachable'],
  ] as const)('counts %s as %s', (name, code) => {
    const fault = Object.assign(new Error(name), { errno: -(constants.errno[name] ?? 0) });
    expect(storageError('Cannot write "a"', fault)).toMatchObject({
      code,
      message: expect.stringContaining(`(${name})`),
    });
  });
});
