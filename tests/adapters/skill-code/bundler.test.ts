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
    "export const run = (x) => x; const unused = (x) => import('./' + x + '.js');",
    "export function run(x) { return 1; import('./' + x + '.js'); }",
    "if (false) { import('./' + x + '.js'); }",
    "export const run = (x) => import((true && './') + x);",
  ])('a computed path is refused, before esbuild looks for files: %s', async (code) => {
    await expect(bundled(code)).rejects.toMatchObject({
      code: 'code_invalid',
      message: expect.stringContaining('Packages cannot import a computed path'),
    });
  });

  test.each(['0 && ', '1 || ', '1 ?? ', 'null?.'])(
    'esbuild is not given code after %j',
    async (condition) => {
      const code = `export const run = (x) => ${condition}(import('../' + x + '.js'));`;
      expect(await bundled(code)).not.toContain('canary');
    },
  );

  test('a computed path in TypeScript is refused also if a constant hides it', async () => {
    const code = "const enum Up { Path = '../' } export const run = (x: string) => import(Up.Path + x);";
    await expect(
      bundled("export { run } from './hello/a.ts';", { [`${HOME}/a.ts`]: code }),
    ).rejects.toMatchObject({
      message: expect.stringContaining('Packages cannot import a computed path'),
    });
  });

  test.each(['a', '.js', 'a.wasm'])('the file %s, whose kind is unknown, is refused', async (name) => {
    const code = "export const run = (x) => import('../../' + x + '.js');";
    await expect(
      bundled(`export { run } from './hello/${name}';`, { [`${HOME}/${name}`]: code }),
    ).rejects.toMatchObject({ message: expect.stringContaining('Packages cannot import a file with') });
  });

  test('a text that looks like a computed import is bundled', async () => {
    expect(await bundled(`export const run = () => "write import('./' + name)";`)).toContain(
      "import('./' + name)",
    );
  });

  test('code of CommonJS and an import without a name', async () => {
    expect(await bundled('const os = require("os"); exports.run = () => os;')).toContain('exports.run');
    await expect(bundled("import '';")).rejects.toMatchObject({
      message: expect.stringContaining('Packages cannot import ""'),
    });
  });

  test('other computed imports stay as they are, and fail when they run', async () => {
    const code = 'export const run = (x) => [import(x), require(x), import(`node:${x}`), "require(x)"];';
    expect(await bundled(code)).toContain('import(x), __require(x), import(`node:${x}`), "require(x)"');
  });

  // Types and blank lines are not in the code that esbuild prints before it bundles.
  const ABOVE = 'interface Above {\n  readonly a: string;\n}\n\n';

  test.each([
    ['export const run = () =>\n  1 +;', '2:6: Unexpected ";"'],
    ["export const é = '日本'; 1 +;", '1:27: Unexpected ";"'],
    [`${ABOVE}import './none.ts';\nexport const run = () => 1;`, '5:8: The package has no file for'],
    [`${ABOVE}export const é: string = '日本'; import './none.ts';`, '5:39: The package has no file for'],
    [`${ABOVE}import { b } from './b.ts';\nexport const run = () => b;`, '5:10: No matching export'],
    [`${ABOVE}export const run =\n  (x: string) => import('./' + x);`, '6:18: Packages cannot import a comp'],
    [`${ABOVE}with (a) {}`, '5:1: Expected code that can be parsed: '],
  ])('the problem of %j is told with its place in the source', async (code, expected) => {
    const file = `${HOME}/a.ts`;
    const more = { [file]: code, [`${HOME}/b.ts`]: 'export const other = 1;' };
    await expect(bundled("export { run } from './hello/a.ts';", more)).rejects.toMatchObject({
      message: expect.stringContaining(`${file}:${expected}`),
    });
  });
});
