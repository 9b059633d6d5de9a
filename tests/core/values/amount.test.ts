import * as fc from 'fast-check';
import { formatAmount, inUnits, parseAmount } from '../../../core/values/amount.ts';

describe('parseAmount', () => {
  test.each([
    ['0', 0],
    ['5', 50_000],
    ['0.5', 5000],
    ['0.0001', 1],
    ['1.005', 10_050],
    ['999999999.9999', 9_999_999_999_999],
  ])('reads %j as %d parts', (text, amount) => {
    expect(parseAmount(text)).toBe(amount);
  });

  test.each([
    '',
    ' 1',
    '-1',
    '+1',
    '5.00001',
    '.5',
    '5.',
    'NaN',
    'Infinity',
    '1e30',
    '0x1',
    '1000000000',
    '1\n',
    '٥',
  ])('reads no amount in %j', (text) => {
    expect(parseAmount(text)).toBeUndefined();
  });
});

describe('formatAmount', () => {
  test('round-trips with parseAmount', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999_999_999_999 }), (amount) => {
        expect(parseAmount(formatAmount(amount))).toBe(amount);
        expect(formatAmount(amount)).toBe(String(inUnits(amount)));
      }),
    );
  });
});
