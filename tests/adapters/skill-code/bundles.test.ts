import { mkdir, readFile, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadBundle } from '../../../adapters/skill-code/bundle-store.ts';
import { openSkillCode } from '../../../adapters/skill-code/bundles.ts';
import type { SkillRoot } from '../../support/skill-root.ts';
import { aSkillRoot, anEntry } from '../../support/skill-root.ts';

const roots: SkillRoot[] = [];

async function aRoot(files: Readonly<Record<string, string>>): Promise<SkillRoot> {
  const root = await aSkillRoot(files);
  roots.push(root);
  return root;
}

async function load(root: SkillRoot, hash: string): Promise<Record<string, () => unknown>> {
  const { file } = await loadBundle(root.storeDir, hash);
  return (await import(file)) as Record<string, () => unknown>;
}

/** Caching begins when the sources are older than a tick of the file system's clock. */
async function settled(root: SkillRoot, file: string): Promise<void> {
  const { ctimeMs } = await stat(path.join(root.root, file));
  while (Date.now() < ctimeMs + 60) await new Promise((resolve) => setImmediate(resolve));
}

async function caches(root: SkillRoot): Promise<readonly string[]> {
  return (await readdir(root.storeDir)).filter((name) => name.startsWith('cache-'));
}

afterEach(async () => {
  await Promise.all(roots.splice(0).map((root) => root.remove()));
});

describe('freeze', () => {
  test('bundles the entrypoint with what it imports, data files included', async () => {
    const root = await aRoot({
      'implementations/test/sum.ts': `
        import { sep } from 'node:path';
        import { PermanentError, RetryAfter } from 'skillos';
        import type { Skill } from 'skillos';
        import numbers from './numbers.json';
        import table from '../shared/table.csv';
        import { add } from '../shared/add.ts';
        import { sign } from 'sign';
        export const run: Skill = () => [numbers.reduce(add), table, sign, sep, new RetryAfter(2).seconds, new PermanentError('x').name];`,
      'implementations/test/numbers.json': '[1, 2, 3]',
      'implementations/shared/table.csv': 'a,b',
      'implementations/shared/add.ts': 'export const add = (a: number, b: number): number => a + b;',
      'node_modules/sign/package.json': '{"main": "./lib.js"}',
      'node_modules/sign/lib.js':
        "module.exports = { sign: require('path').posix.join('a', require('./b.js')) };",
      'node_modules/sign/b.js': "module.exports = 'b';",
    });
    const hash = await openSkillCode(root).freeze(anEntry('sum'));
    const { run } = await load(root, hash);
    expect(run?.()).toEqual([6, 'a,b', 'a/b', '/', 2, 'PermanentError']);
  });

  test.each(['ts', 'mts', 'js', 'mjs'])('finds an entrypoint in a .%s file', async (extension) => {
    const root = await aRoot({
      [`implementations/test/one.${extension}`]: "export const run = () => 'one';",
    });
    const { run } = await load(root, await openSkillCode(root).freeze(anEntry('one')));
    expect(run?.()).toBe('one');
  });

  test('gives the same hash wherever the root lies, and names no folder of the server', async () => {
    const files = {
      'implementations/test/same.ts': "import { x } from './x.ts';\nexport const run = () => x;",
      'implementations/test/x.ts': 'export const x = 1;',
    };
    const [one, two] = [await aRoot(files), await aRoot(files)];
    const hash = await openSkillCode(one).freeze(anEntry('same'));
    expect(await openSkillCode(two).freeze(anEntry('same'))).toBe(hash);
    const { file } = await loadBundle(one.storeDir, hash);
    const [, map = ''] = (await readFile(file, 'utf8')).split('base64,');
    const { sources } = JSON.parse(Buffer.from(map, 'base64').toString()) as { sources: string[] };
    expect(sources).toEqual(['implementations/test/x.ts', 'implementations/test/same.ts']);
  });

  test('gives another hash for another export and for other schemas, not for another version', async () => {
    const root = await aRoot({ 'implementations/test/two.ts': 'export const run = () => 1, other = run;' });
    const code = openSkillCode(root);
    const hashes = await Promise.all([
      code.freeze(anEntry('two')),
      code.freeze(anEntry('two', { entrypoint: 'implementations.test.two:other' })),
      code.freeze(anEntry('two', { inputs: { type: 'object' } })),
      code.freeze(anEntry('two', { outputs: { type: 'object' } })),
    ]);
    expect(new Set(hashes).size).toBe(4);
    expect(await code.freeze(anEntry('two', { version: '2.0.0' }))).toBe(hashes[0]);
  });

  test('stores code and schemas for their owner only', async () => {
    const root = await aRoot({ 'implementations/test/kept.ts': 'export const run = () => 1;' });
    const hash = await openSkillCode(root).freeze(anEntry('kept', { inputs: { type: 'object' } }));
    expect(await loadBundle(root.storeDir, hash)).toMatchObject({
      export: 'run',
      inputs: { type: 'object' },
      entry: 'implementations/test/kept.ts',
      skill: 'test/kept',
      version: '1.0.0',
    });
    expect((await stat(path.join(root.storeDir, `${hash}.mjs`))).mode & 0o777).toBe(0o600);
    expect((await stat(path.join(root.storeDir, `${hash}.json`))).mode & 0o777).toBe(0o600);
  });

  test('answers unchanged sources without reading them, in this process and in the next', async () => {
    const root = await aRoot({ 'implementations/test/warm.ts': 'export const run = () => 1;' });
    await settled(root, 'implementations/test/warm.ts');
    const code = openSkillCode(root);
    const hash = await code.freeze(anEntry('warm'));
    expect(await caches(root)).toHaveLength(1);
    const cache = path.join(root.storeDir, (await caches(root))[0] ?? '');
    // A cache that names another bundle shows who answers from it.
    const other = await code.freeze(anEntry('warm', { outputs: true }));
    await writeFile(cache, (await readFile(cache, 'utf8')).replace(hash, other));
    expect(await code.freeze(anEntry('warm'))).toBe(hash);
    expect(await openSkillCode(root).freeze(anEntry('warm'))).toBe(other);
  });

  test.each([
    ['an edit', (root: SkillRoot) => root.write('implementations/test/x.ts', 'export const x = 2;')],
    [
      'an edit of the same size whose modification time was put back',
      async (root: SkillRoot) => {
        const file = path.join(root.root, 'implementations/test/x.ts');
        const { atime, mtime } = await stat(file);
        await writeFile(file, 'export const x = 2;');
        await utimes(file, atime, mtime);
      },
    ],
    [
      'a file that is found first',
      (root: SkillRoot) => root.write('implementations/test/edit.ts', 'export const run = () => 2;'),
    ],
    [
      'a package nearer by',
      (root: SkillRoot) => root.write('implementations/node_modules/near/index.js', 'exports.y = 1;'),
    ],
  ])('sees %s at the next call', async (_, edit) => {
    const root = await aRoot({
      'implementations/test/edit.mjs':
        "import { x } from './x.ts'; import { y } from 'near'; export const run = () => x + y;",
      'implementations/test/x.ts': 'export const x = 1;',
      'node_modules/near/index.js': 'exports.y = 0;',
    });
    await settled(root, 'node_modules/near/index.js');
    const code = openSkillCode(root);
    const before = await load(root, await code.freeze(anEntry('edit')));
    expect(before['run']?.()).toBe(1);
    await edit(root);
    const after = await load(root, await code.freeze(anEntry('edit')));
    expect(after['run']?.()).toBe(2);
  });

  test('sees two edits within one tick of the clock', async () => {
    const root = await aRoot({});
    const code = openSkillCode(root);
    const values: unknown[] = [];
    for (const value of [1, 2, 3, 4, 5]) {
      await root.write('implementations/test/quick.ts', `export const run = () => ${value};`);
      const { run } = await load(root, await code.freeze(anEntry('quick')));
      values.push(run?.());
    }
    expect(values).toEqual([1, 2, 3, 4, 5]);
  });

  test('builds once for many callers at once', async () => {
    const root = await aRoot({ 'implementations/test/many.ts': 'export const run = () => 1;' });
    await settled(root, 'implementations/test/many.ts');
    const code = openSkillCode(root);
    const hashes = await Promise.all(Array.from({ length: 20 }, () => code.freeze(anEntry('many'))));
    expect(new Set(hashes).size).toBe(1);
    const files = (await readdir(root.storeDir)).filter((name) => !name.startsWith('.'));
    expect(files).toHaveLength(3);
  });

  test('builds again where the cache or the stored bundle is broken', async () => {
    const root = await aRoot({ 'implementations/test/lost.ts': 'export const run = () => 1;' });
    await settled(root, 'implementations/test/lost.ts');
    const code = openSkillCode(root);
    const hash = await code.freeze(anEntry('lost'));
    await rm(path.join(root.storeDir, `${hash}.mjs`));
    expect(await code.freeze(anEntry('lost'))).toBe(hash);
    await writeFile(path.join(root.storeDir, (await caches(root))[0] ?? ''), '{"hash": 1');
    expect(await openSkillCode(root).freeze(anEntry('lost'))).toBe(hash);
    await expect(loadBundle(root.storeDir, hash)).resolves.toMatchObject({ hash });
  });

  test('refuses a composition, whatever file its entrypoint might mean', async () => {
    const root = await aRoot({ 'skillos/composition.ts': 'export const run_composed_skill = () => 1;' });
    const entry = anEntry('both', { entrypoint: 'skillos.composition:run_composed_skill' });
    await expect(openSkillCode(root).freeze(entry)).rejects.toMatchObject({
      code: 'entrypoint_invalid',
      message: 'Composition "test/both" has no code of its own',
    });
  });

  test.each([
    ['no file', {}, 'entrypoint_invalid', 'expected implementations/test/bad.ts (or .mts, .js, .mjs)'],
    ['a folder', { 'implementations/test/bad.ts/x.ts': '' }, 'entrypoint_invalid', 'names no file'],
    [
      'no such export',
      { 'implementations/test/bad.ts': 'export const main = 1;' },
      'entrypoint_invalid',
      'Expected "implementations/test/bad.ts" to export "run" as an ES module: it exports "main"',
    ],
    [
      'CommonJS',
      { 'implementations/test/bad.js': 'exports.run = () => 1;' },
      'entrypoint_invalid',
      'it exports "default"',
    ],
    [
      'a syntax error',
      { 'implementations/test/bad.ts': 'export const ok = 1;\nexport function run( { return 1 }' },
      'code_invalid',
      'implementations/test/bad.ts:2:31: Expected',
    ],
    [
      'a missing import',
      { 'implementations/test/bad.ts': "import { a } from './a.ts';\nexport const run = a;" },
      'code_invalid',
      'implementations/test/bad.ts:1:19: Could not resolve "./a.ts"',
    ],
    [
      'a missing export of an import',
      { 'implementations/test/bad.ts': "import { Nope } from 'skillos';\nexport const run = () => Nope;" },
      'code_invalid',
      'implementations/test/bad.ts:1:10: No matching export',
    ],
    [
      'a package that only the program itself has',
      { 'implementations/test/bad.ts': "import { z } from 'zod';\nexport const run = () => z;" },
      'code_invalid',
      'implementations/test/bad.ts:1:19: Could not resolve "zod"; install it in the skills root: npm install zod',
    ],
    [
      'code from the network',
      { 'implementations/test/bad.ts': "import x from 'https://example.com/x.js';\nexport const run = x;" },
      'code_invalid',
      'implementations/test/bad.ts:1:15: Expected a package or a file, got "https://example.com/x.js"',
    ],
    [
      'an absolute import',
      { 'implementations/test/bad.ts': "import x from '/proc/sys/kernel/pid_max';\nexport const run = x;" },
      'path_outside_root',
      'implementations/test/bad.ts:1:15: Import leads out of the skills root',
    ],
    [
      'an import above the root',
      {
        'implementations/test/bad.ts': `import x from '${'../'.repeat(20)}proc/sys/kernel/pid_max';\nexport const run = x;`,
      },
      'path_outside_root',
      'implementations/test/bad.ts:1:15: Import leads out of the skills root',
    ],
  ])('refuses %s', async (_, files, code, message) => {
    const root = await aRoot(files);
    const failure = openSkillCode(root).freeze(anEntry('bad'));
    await expect(failure).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining(root.root) });
  });

  test.each([
    ['the entrypoint', 'implementations/test/bad.ts', {}],
    [
      'an import',
      'implementations/test/x.ts',
      { 'implementations/test/bad.ts': "export { run } from './x.ts';" },
    ],
    ['a package', 'node_modules/x/index.js', { 'implementations/test/bad.ts': "export { run } from 'x';" }],
    [
      'data',
      'implementations/test/x.json',
      { 'implementations/test/bad.ts': "import x from './x.json'; export const run = x;" },
    ],
  ])('refuses a symbolic link out of the root as %s', async (_, link, files) => {
    const outside = await aRoot({ secret: 'export const run = "secret";' });
    const root = await aRoot(files);
    await mkdir(path.dirname(path.join(root.root, link)), { recursive: true });
    await symlink(path.join(outside.root, 'secret'), path.join(root.root, link));
    await expect(openSkillCode(root).freeze(anEntry('bad'))).rejects.toMatchObject({
      code: 'path_outside_root',
    });
  });

  test('refuses a folder that is a symbolic link out of the root, also when it became one later', async () => {
    const outside = await aRoot({ 'late.ts': 'export const run = () => 2;' });
    const root = await aRoot({ 'implementations/test/late.ts': 'export const run = () => 1;' });
    await settled(root, 'implementations/test/late.ts');
    const code = openSkillCode(root);
    await code.freeze(anEntry('late'));
    await rm(path.join(root.root, 'implementations/test'), { recursive: true });
    await symlink(outside.root, path.join(root.root, 'implementations/test'));
    await expect(code.freeze(anEntry('late'))).rejects.toMatchObject({ code: 'path_outside_root' });
  });

  test('follows a symbolic link within the root', async () => {
    const root = await aRoot({ 'implementations/shared/real.ts': 'export const run = () => 1;' });
    await mkdir(path.join(root.root, 'implementations/test'));
    await symlink('../shared/real.ts', path.join(root.root, 'implementations/test/link.ts'));
    const { run } = await load(root, await openSkillCode(root).freeze(anEntry('link')));
    expect(run?.()).toBe(1);
  });

  test('names at most ten errors', async () => {
    const imports = Array.from({ length: 15 }, (_, index) => `import './missing-${index}.ts';`);
    const root = await aRoot({ 'implementations/test/bad.ts': imports.join('\n') });
    await expect(openSkillCode(root).freeze(anEntry('bad'))).rejects.toMatchObject({
      message: expect.stringMatching(/^(implementations\/test\/bad.ts:\d+:8: [^;]+; ){10}and 5 more$/),
    });
  });

  test('goes on after a failure', async () => {
    const root = await aRoot({ 'implementations/test/mend.ts': 'export const run = (' });
    const code = openSkillCode(root);
    const failures = [code.freeze(anEntry('mend')), code.freeze(anEntry('mend'))];
    await Promise.all(
      failures.map((failure) => expect(failure).rejects.toMatchObject({ code: 'code_invalid' })),
    );
    await root.write('implementations/test/mend.ts', 'export const run = () => 1;');
    await expect(code.freeze(anEntry('mend'))).resolves.toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('loadBundle', () => {
  test.each(['../../etc/passwd', 'f'.repeat(64), ''])('has no code for %j', async (hash) => {
    const root = await aRoot({});
    await expect(loadBundle(root.storeDir, hash)).rejects.toMatchObject({ code: 'code_unavailable' });
  });

  test.each(['mjs', 'json'])('refuses a changed .%s', async (type) => {
    const root = await aRoot({ 'implementations/test/hard.ts': 'export const run = () => 1;' });
    const hash = await openSkillCode(root).freeze(anEntry('hard', { inputs: { type: 'string' } }));
    const file = path.join(root.storeDir, `${hash}.${type}`);
    await writeFile(file, (await readFile(file, 'utf8')).replace('run', 'ran'));
    await expect(loadBundle(root.storeDir, hash)).rejects.toMatchObject({ code: 'code_unavailable' });
  });
});
