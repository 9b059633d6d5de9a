import { parseGolden } from '../../../core/routing/golden.ts';

const ITEM = { query: 'find flights', expected_skill_id: 'travel/search_flights' };

describe('parseGolden', () => {
  test.each([
    ['a list', [ITEM]],
    ['an object with a golden list', { source: 'x', golden: [ITEM] }],
    [
      'dotted ids and further fields',
      [{ id: 'g-1', ...ITEM, expected_skill_id: 'travel.search_flights', slots: {} }],
    ],
  ])('reads %s', (_, value) => {
    expect(parseGolden(value)).toEqual([{ query: 'find flights', expected: 'travel/search_flights' }]);
  });

  test('reads null as out of scope, and an empty list', () => {
    expect(parseGolden([{ ...ITEM, expected_skill_id: null }])[0]?.expected).toBeNull();
    expect(parseGolden([])).toEqual([]);
  });

  test.each([null, 'text', 7, {}, { golden: 'x' }])('refuses %j', (value) => {
    expect(() => parseGolden(value)).toThrow(expect.objectContaining({ code: 'golden_invalid' }));
  });

  const noId = 'expected a skill id such as domain/name, or null';
  test.each([
    [7, '', 'expected an object with query and expected_skill_id'],
    [{ expected_skill_id: null }, 'query', 'expected a text'],
    [{ query: 'x' }, 'expected_skill_id', noId],
    [{ query: 'x', expected_skill_id: 'no id' }, 'expected_skill_id', noId],
    [{ query: 5, expected_skill_id: null }, 'query', 'expected a text'],
    [{ query: ' ', expected_skill_id: null }, 'query', 'expected a query, got an empty text'],
  ])('names item and field of %j', (item, field, rule) => {
    const place = `item 2${field === '' ? '' : `, field "${field}"`}: ${rule}`;
    expect(() => parseGolden([ITEM, item])).toThrow(
      expect.objectContaining({
        code: 'golden_invalid',
        message: `Invalid golden file: ${place}`,
        details: { item: 2, field },
      }),
    );
  });
});
