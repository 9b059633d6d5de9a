import { nearest } from '../../../core/values/nearest.ts';

describe('nearest', () => {
  test.each([
    ['vlidate', ['validate', 'init'], 'validate'],
    ['xyzzy', ['validate', 'init'], undefined],
    ['ab', ['ad', 'ac'], 'ac'],
    ['ab', ['ac', 'ad'], 'ac'],
    ['anything', [], undefined],
  ])('%s among %j is %s', (text, candidates, expected) => {
    expect(nearest(text, candidates)).toBe(expected);
  });
});
