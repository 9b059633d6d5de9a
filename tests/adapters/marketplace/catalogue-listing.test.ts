import { existsSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stampOf } from '../../../adapters/files/text-file.ts';
import { openListing } from '../../../adapters/marketplace/catalogue-listing.ts';
import { keepText, readKept } from '../../../adapters/marketplace/kept-text.ts';
import { aPackage } from '../../support/marketplace-fixtures.ts';
import { until } from '../../support/eventually.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const ENTRIES = [aPackage('acme/one', { version: '1.1.0' }), aPackage('acme/one'), { id: 'acme/bad' }];
const PROBLEM = 'version: Invalid input: expected string, received undefined';
const LISTED = 'acme/one@1.1.0 acme/bad!';

function aCatalogue() {
  const folder = tempFolder();
  const file = path.join(folder, 'catalog.json');
  const cacheDir = path.join(folder, 'cache');
  writeFileSync(file, JSON.stringify(ENTRIES));
  const open = async ({ cache = () => cacheDir, release = '1.0.0' } = {}): Promise<string> => {
    const { packages, refused } = await openListing(file, { cacheDir: cache, release });
    const names = [...packages.map(({ id, version }) => `${id}@${version}`), ...refused.map(nameOf)];
    return names.join(' ');
  };
  const kept = () => {
    const [name = '', ...more] = readdirSync(path.join(cacheDir, 'listings'));
    expect(more).toEqual([]);
    return path.join(cacheDir, 'listings', name);
  };
  /** Keeps a listing, which does not happen while the file is as new as the clock, and makes it recognisable. */
  const mark = async (): Promise<void> => {
    await until(() => open().then(() => existsSync(path.join(cacheDir, 'listings'))));
    const { origin = '', text = '' } = readKept(kept(), 1_000_000) ?? {};
    await keepText(kept(), { origin, text: text.replaceAll('1.1.0', 'kept') });
  };
  return { file, open, kept, mark };
}

const nameOf = ({ name, problem }: { name: string; problem: string }): string => {
  expect(problem).toBe(PROBLEM);
  return `${name}!`;
};

test('a listing is kept, with what was refused', async () => {
  const { open, kept, mark } = aCatalogue();
  expect(await open()).toBe(LISTED);
  await mark();
  expect(statSync(kept()).mode & 0o777).toBe(0o600);
  expect(await open()).toBe('acme/one@kept acme/bad!');
});

describe('a kept listing is not used', () => {
  test('for other content, even of the same size and time', async () => {
    const { file, open, mark } = aCatalogue();
    const { atime, mtime } = statSync(file);
    await mark();
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('sample', 'simple'));
    utimesSync(file, atime, mtime);
    expect(await open()).toBe(LISTED);
  });

  test('by another release of SkillOS', async () => {
    const { open, mark } = aCatalogue();
    await mark();
    expect(await open({ release: '2.0.0' })).toBe(LISTED);
  });

  test.each([
    ['cut off', (text: string) => text.slice(0, -9)],
    ['edited', (text: string) => text.replace('acme/one', 'evil/one')],
    ['empty', () => ''],
    ['one line', (text: string) => text.slice(0, 64)],
  ])('if it is %s, and is written again', async (_, damage) => {
    const { open, kept, mark } = aCatalogue();
    await mark();
    writeFileSync(kept(), '');
    await open();
    const written = readFileSync(kept(), 'utf8');
    writeFileSync(kept(), damage(written));
    expect(await open()).toBe(LISTED);
    expect(readFileSync(kept(), 'utf8')).toBe(written);
  });
});

test('a cache folder that is none, or that nobody knows, is not used', async () => {
  const { file, open } = aCatalogue();
  expect(await open({ cache: () => file })).toBe(LISTED);
  const homeless = (): string => {
    throw new Error('no home');
  };
  expect(await open({ cache: homeless })).toBe(LISTED);
});

test('a file that is replaced while it is read leaves no listing', async () => {
  const { file, open, kept, mark } = aCatalogue();
  await mark();
  const before = readFileSync(kept(), 'utf8');
  writeFileSync(file, JSON.stringify([aPackage('acme/new')]));
  await until(() => stampOf(file) !== undefined);
  const reading = open(); // has taken its stamp and its text
  writeFileSync(file, JSON.stringify([aPackage('acme/newer')]));
  expect(await reading).toBe('acme/new@1.0.0');
  expect(readFileSync(kept(), 'utf8')).toBe(before);
  expect(await open()).toBe('acme/newer@1.0.0');
});

test('no listing is kept of what is no catalogue', async () => {
  const { file, open, kept } = aCatalogue();
  writeFileSync(file, '[{"id":"a/b","id":"a/c"}]');
  await expect(open()).rejects.toMatchObject({ code: 'catalog_invalid' });
  expect(kept).toThrow('ENOENT');
});
