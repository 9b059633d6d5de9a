import { browse, readCatalogue, versionsOf } from '../../../core/marketplace/catalogue.ts';
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
    expect(browse(CATALOGUE, filter).map(({ id, version }) => `${id} ${version}`)).toEqual(expected);
  });
});

test('an entry that is not valid breaks no other', () => {
  expect(CATALOGUE.refused.map(({ name }) => name)).toEqual(['[4]']);
});

test('versionsOf sorts by version', () => {
  expect(versionsOf(CATALOGUE, 'a/one').map(({ version }) => version)).toEqual(['1.10.0', '1.9.0', '1.2.0']);
});
