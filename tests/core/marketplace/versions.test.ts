import { compareVersions, fits, isRange, isVersion } from '../../../core/marketplace/versions.ts';

test.each([
  ['1.0.0', true],
  ['1.0.0-beta.1', true],
  ['1.0.0+build', true],
  ['1.0', false],
  ['v1.0.0', false],
  [' 1.0.0', false],
  ['01.0.0', false],
])('isVersion %s: %s', (text, expected) => {
  expect(isVersion(text)).toBe(expected);
});

test.each([
  ['1.2.3', '^1.0.0', true],
  ['2.0.0', '^1.0.0', false],
  ['1.2.3', '~1.2.0', true],
  ['1.10.0', '>=1.9', true],
  ['1.0.0', '>= 2.0.0', false],
  ['1.0.0', '==1.0.0', true],
  ['1.0.1', '1.0.0', false],
  ['1.2.0', '>=1.0.0 <1.2.0 || 3.x', false],
  ['2.0.0-beta.1', '*', false],
  ['2.0.0-beta.1', '>=2.0.0-alpha', true],
])('fits %s %s: %s', (version, range, expected) => {
  expect([isRange(range), fits(version, range)]).toEqual([true, expected]);
});

test('isRange refuses other texts', () => {
  expect(isRange('newest')).toBe(false);
});

test('compareVersions compares numbers as numbers', () => {
  expect(compareVersions('1.10.0', '1.9.0')).toBeGreaterThan(0);
});
