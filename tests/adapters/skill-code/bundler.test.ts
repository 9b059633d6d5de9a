/** Packages whose code is made to harm the bundler. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundle } from '../../../adapters/skill-code/bundler.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const HELLO = 'implementations/acme/hello.js';

/** `more` are files beside it. On the disk there is nothing but a file that no package holds. */
async function bundled(code: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const root = realpathSync(tempFolder());
  const secret = path.join(root, 'implementations', 'secret.js');
  mkdirSync(path.dirname(secret), { recursive: true });
  writeFileSync(secret, "export default 'canary';");
  const files = Object.entries({ [HELLO]: code, ...more });
  const contents = new Map(files.map(([file, text]) => [file, Buffer.from(text)]));
  return (await bundle(root, path.join(root, HELLO), contents)).code;
}

test.each(['//# sourceMappingURL=', '/*@ sourceMappingURL=', '//#\tsourceMappingURL='])(
  'reads no source map after %j',
  async (comment) => {
    const pipe = path.join(realpathSync(tempFolder()), 'pipe');
    execFileSync('sh', ['-c', 'mkfifo "$0"', pipe]); // who reads it waits for a writer
    const end = comment.startsWith('/*') ? ' */' : '';
    const code = await bundled(`export const run = () => 'é';\n${comment}file://${pipe}${end}\n`);
    expect(code).toContain('é');
  },
);

test('code that ends esbuild is refused, and the next code is bundled', async () => {
  await expect(bundled(`export const run = ${'!'.repeat(4_500_000)}1`)).rejects.toMatchObject({
    code: 'code_invalid',
  });
  expect(await bundled('export const run = () => 1;')).toContain('run');
});

describe('imports of a package', () => {
  const HOME = 'implementations/acme/hello';

  test.each([
    ['./hello/a.ts', `${HOME}/a.ts`],
    ['./hello/a.js', `${HOME}/a.ts`],
    ['./hello/a.js', `${HOME}/a.tsx`],
    ['./hello/a.mjs', `${HOME}/a.mts`],
    ['./hello/a', `${HOME}/a.jsx`],
    ['./hello/parts', `${HOME}/parts/index.ts`],
    ['./hello/../hello/a.cjs', `${HOME}/a.cts`],
  ])('%s finds %s among what was signed', async (name, file) => {
    const code = await bundled(`export { run } from '${name}';`, {
      [file]: "export const run = () => 'found';",
    });
    expect(code).toContain('found');
  });

  test.each(['../secret.js', '/etc/passwd', './hello/../../secret.js', './none.ts', '../../skillos.lock'])(
    '%s, which was not signed, is refused',
    async (name) => {
      await expect(bundled(`export { default as run } from '${name}';`)).rejects.toMatchObject({
        code: 'code_invalid',
        message: expect.stringContaining(`The package has no file for "${name}"`),
      });
    },
  );

  test.each([
    'export const run = (x) => import(`../../../../../../${x}`);',
    "export const run = (x) => require('../../../../../../' + x);",
    "export const run = (x) => \\u0072equire /* a */ (/* b */ '.' + './../../../../' + x);",
    "export const run = (x, y) => require(y ? './none.js' : '../../../../../' + x);",
    "export const run = (x) => import(`\\x2e./${'../../../..'}/${x}`, { with: { type: 'json' } });",
    "export const run = (x) => import('./' + x + '.js');",
  ])('a computed path is refused, before esbuild looks for files: %s', async (code) => {
    await expect(bundled(code)).rejects.toMatchObject({
      code: 'code_invalid',
      message: expect.stringContaining('Packages cannot import a computed path'),
    });
  });

  test('other computed imports stay as they are, and fail when they run', async () => {
    const code = 'export const run = (x) => [import(x), require(x), import(`node:${x}`), "require(x)"];';
    expect(await bundled(code)).toContain('import(x), __require(x), import(`node:${x}`), "require(x)"');
  });

  test('a syntax error is told with its place', async () => {
    await expect(bundled('export const run = () =>\n  1 +;')).rejects.toMatchObject({
      message: `${HELLO}:2:6: Unexpected ";"`,
    });
  });
});
