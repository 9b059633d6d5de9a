import { listingOf, readCatalogue, versionsOf } from '../../../core/marketplace/catalogue.ts';
import { browse } from '../../../core/marketplace/listing.ts';
import { aPackage } from '../../support/marketplace-fixtures.ts';

const CATALOGUE = readCatalogue('c.json', [
  aPackage('b/two', { tags: ['Loud'], description: 'Shouts' }),
  aPackage('a/one', { version: '1.9.0', tags: ['old'] }),
  aPackage('a/one', { version: '1.10.0', tags: ['quiet'] }),
  aPackage('a/one', { version: '1.2.0', tags: ['quiet'] }),
  'no package',
]);

describe('browse', () => {
  test.each([
    [{}, ['a/one 1.10.0', 'b/two 1.0.0']],
    [{ tag: 'quiet' }, ['a/one 1.10.0']],
    [{ tag: 'old' }, []],
    [{ tag: 'loud' }, []],
    [{ query: 'LOUD' }, ['b/two 1.0.0']],
    [{ query: 'shout', tag: 'Loud' }, ['b/two 1.0.0']],
    [{ query: 'A/O' }, ['a/one 1.10.0']],
    [{ query: 'nothing' }, []],
  ])('with %j finds %j', (filter, expected) => {
    expect(browse(listingOf(CATALOGUE), filter).map(({ id, version }) => `${id} ${version}`)).toEqual(
      expected,
    );
  });
});

test('an entry that is not valid breaks no other', () => {
  expect(CATALOGUE.refused.map(({ name }) => name)).toEqual(['[4]']);
});

test('of two packages with the same id and version neither counts', () => {
  const entries = [aPackage('a/one'), aPackage('a/one', { description: 'Another' }), aPackage('b/two')];
  const { packages, refused } = readCatalogue('c.json', entries);
  expect(packages.map(({ id }) => id)).toEqual(['b/two']);
  expect(refused).toEqual([
    { status: 'refused', name: 'a/one@1.0.0', problem: 'the catalogue holds this version twice' },
  ]);
});

test('a listing holds the newest versions by id, and what was refused', () => {
  expect(listingOf(CATALOGUE)).toMatchObject({
    packages: [
      { id: 'a/one', version: '1.10.0', name: 'one', tags: ['quiet'] },
      { id: 'b/two', version: '1.0.0', name: 'two', description: 'Shouts', tags: ['Loud'] },
    ],
    refused: [{ name: '[4]', problem: expect.any(String) }],
  });
  const reversed = readCatalogue('c.json', [aPackage('a/one'), aPackage('b/two')]);
  expect(listingOf(reversed).packages.map(({ id }) => id)).toEqual(['a/one', 'b/two']);
});

test('versionsOf sorts by version', () => {
  expect(versionsOf(CATALOGUE, 'a/one').map(({ version }) => version)).toEqual(['1.10.0', '1.9.0', '1.2.0']);
});
