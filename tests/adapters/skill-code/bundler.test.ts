/** Packages whose code is made to harm the bundler. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundle } from '../../../adapters/skill-code/bundler.ts';
import { tempFolder } from '../../support/temp-folder.ts';

async function bundled(code: string): Promise<string> {
  const root = realpathSync(tempFolder());
  const file = path.join(root, 'implementations', 'acme', 'hello.js');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, code);
  const contents = new Map([['implementations/acme/hello.js', Buffer.from(code)]]);
  return (await bundle(root, file, contents)).code;
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
