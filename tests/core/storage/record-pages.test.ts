import { pagesOf } from '../../../core/storage/record-pages.ts';
import type { Stored } from '../../../core/storage/records.ts';
import { memoryRecords } from '../../support/memory-records.ts';

test.each<[object | undefined, readonly (readonly string[])[]]>([
  [undefined, [['a', 'b', 'c']]],
  [{ limit: 2 }, [['a', 'b'], ['c']]],
  [{ limit: 3 }, [['a', 'b', 'c'], []]],
  [{ limit: 2, descending: true }, [['c', 'b'], ['a']]],
])('gives all documents of a kind in pages: %j', async (page, expected) => {
  const records = memoryRecords();
  for (const key of ['b', 'a', 'c']) await records.update('k', key, () => ({ key }));
  await records.update('other', 'd', () => ({}));
  const found: string[][] = [];
  for await (const each of pagesOf(records, 'k', page)) found.push(each.map(({ key }) => key));
  expect(found).toEqual(expected);
});

test('takes the pages of a store that has its own', async () => {
  const asked: unknown[] = [];
  const pages = async function* <T>(kind: string, page: object) {
    asked.push(kind, page);
    yield [] as readonly Stored<T>[];
  };
  const found = [];
  for await (const page of pagesOf({ ...memoryRecords(), pages }, 'k', { descending: true }))
    found.push(page);
  expect(found).toEqual([[]]);
  expect(asked).toEqual(['k', { limit: 1000, descending: true }]);
});
