import * as fc from 'fast-check';
import { isKept } from '../../../core/values/number-text.ts';

describe('isKept', () => {
  test.each([
    '0',
    '-0',
    '-0.000000000000000000',
    '0e999',
    '0.1',
    '0.10000000000000001',
    '0.1000000000000000055511151231257827021181583404541015625',
    '123456789012345.60',
    '9007199254740991',
    '9007199254740992',
    '-9007199254740994',
    '10000000000000000000000',
    '1e22',
    '1E+22',
    '12.5e-3',
    '5e-324',
    '1.7976931348623157e308',
  ])('keeps %s', (text) => {
    expect(isKept(text)).toBe(true);
  });

  test.each([
    '9007199254740993',
    '7615917337495251231',
    '-7615917337495251231.0',
    '36028797018963968', // a double, but written as 36028797018963970
    '3.14159265358979323846',
    '1234567890.12345678',
    '1e400',
    '-1e999',
    '1e-400',
    `0.${'1'.repeat(200)}`,
  ])('refuses %s, which would change', (text) => {
    expect(isKept(text)).toBe(false);
  });

  test('keeps every number that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(isKept(JSON.stringify(value))).toBe(true);
      }),
    );
  });
});
