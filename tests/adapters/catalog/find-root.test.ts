import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findRoot } from '../../../adapters/catalog/find-root.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const top = tempFolder();

beforeAll(() => {
  for (const folder of ['root/metadata/text', 'root/implementations/text', 'root/checkout/.git/objects'])
    mkdirSync(join(top, folder), { recursive: true });
});

test.each([
  ['root', '.'],
  ['root/metadata/text', '../..'],
  ['root/implementations', '..'],
  ['root/checkout', undefined],
  ['', undefined],
])('the root around %j is %j: the nearest folder with metadata, inside one repository', (from, root) => {
  expect(findRoot(join(top, from))).toBe(root);
});

test('a root of another user is refused, because its code would run', () => {
  const { getuid } = process;
  process.getuid = () => 4711;
  try {
    expect(() => findRoot(join(top, 'root/metadata/text'))).toThrow(
      expect.objectContaining({
        code: 'root_not_found',
        message: 'Skills root "../.." belongs to another user',
        hint: 'If you trust it, name it: --root ../..',
      }),
    );
  } finally {
    Object.assign(process, { getuid });
  }
});
