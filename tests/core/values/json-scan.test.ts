import * as fc from 'fast-check';
import { findLoss } from '../../../core/values/json-scan.ts';

describe('findLoss', () => {
  test.each([
    '[]',
    '"a"',
    '1.5',
    '{"a": 1, "b": {"a": 2}, "c": [{"a": 3}, {"a": 4}]}',
    '{"id": "7615917337495251231", "1e400": "\\"1e400"}',
  ])('finds none in %s', (text) => {
    expect(findLoss(text)).toBeUndefined();
  });

  test.each([
    ['{"a":1,"a":2}', 'name', '/a'],
    ['[0,{"x":{"b":[1,2],"\\u0062":2}}]', 'name', '/1/x/b'],
    ['{"id":7615917337495251231}', 'digits', '/id'],
    ['{"a":[{"b":1},[2, 9007199254740993]]}', 'digits', '/a/1/1'],
    ['{"a~/b":[1e400]}', 'range', '/a~0~1b/0'],
    ['-1e999', 'range', ''],
  ])('finds in %s the %s at %j', (text, kind, place) => {
    expect(findLoss(text)).toEqual({ kind, place });
  });

  test('finds none in what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(findLoss(JSON.stringify(value, null, 1))).toBeUndefined();
      }),
    );
  });
});
