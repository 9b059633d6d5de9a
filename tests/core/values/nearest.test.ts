import { isOneCharacterOff, nearest } from '../../../core/values/nearest.ts';

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

test.each([
  ['SKILLOS_ROT', true],
  ['SKILLOS_RIIT', false],
])('%s is one character off SKILLOS_ROOT: %j', (text, expected) => {
  expect(isOneCharacterOff(text, 'SKILLOS_ROOT')).toBe(expected);
});
