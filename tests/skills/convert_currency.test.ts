import { run } from '../../skills/implementations/finance/convert_currency.ts';
import { decimal, format, scaled } from '../../skills/implementations/finance/decimal.ts';

describe('scaled', () => {
  const one = decimal('1');

  test.each([
    ['0.125', 2, '0.12'],
    ['0.135', 2, '0.14'],
    ['0.1251', 2, '0.13'],
    ['-0.125', 2, '-0.12'],
    ['-0.135', 2, '-0.14'],
    ['2.5', 0, '2'],
    ['3.5', 0, '4'],
    ['7', 3, '7.000'],
    ['0.004', 2, '0.00'],
  ])('rounds %s half to even at %i places: %s', (value, places, expected) => {
    expect(format(scaled(decimal(value), [one, one], places))).toBe(expected);
  });

  test('rounds once, from the exact quotient', () => {
    expect(format(scaled(one, [one, decimal('3')], 6))).toBe('0.333333');
    expect(format(scaled(decimal('0.1'), [decimal('0.2'), one], 18))).toBe('0.020000000000000000');
    expect(format(scaled(decimal('123456789012345678901234567890'), [decimal('1.01'), one], 2))).toBe(
      '124691356902469135690246913568.90',
    );
  });

  test.each(['', 'abc', '1e3', '1,5', '--1', '.5', '1.'])('refuses %j as a decimal', (text) => {
    expect(() => decimal(text)).toThrow(`Expected a decimal number such as 12.50, got "${text}"`);
  });
});

describe('finance/convert_currency', () => {
  test.each([
    ['convert 100 usd to eur', '100', 'USD', 'EUR', '86.31'],
    ['100 евро в рубли', '100', 'EUR', 'RUB', '9341.27'],
    ['Скільки гривень у 20 євро', '20', 'EUR', 'UAH', '972.70'],
    ['80 Franken in Euro umrechnen', '80', 'CHF', 'EUR', '86.29'],
    ['Переведи 300 злотых в кроны', '300', 'PLN', 'CZK', '1718.57'],
    ['How many euros is 250 pounds?', '250', 'GBP', 'EUR', '284.28'],
    ['сколько евро в 1 234,56 рублях?', '1234.56', 'RUB', 'EUR', '13.22'],
    ['$1,234.50 in yen', '1234.50', 'USD', 'JPY', '190108'],
    ['1.234,56 € in Franken', '1234.56', 'EUR', 'CHF', '1144.56'],
    ['1,234 usd to eur', '1234', 'USD', 'EUR', '1065.08'],
    ['0,125 eur to usd', '0.125', 'EUR', 'USD', '0.14'],
    ['20 zł to usd', '20', 'PLN', 'USD', '5.45'],
    ['rate of the dollar to the euro', '1', 'USD', 'EUR', '0.86'],
  ])('%s', (query, amount, from, to, result) => {
    expect(run({ query })).toMatchObject({ amount, from, to, result });
  });

  test('says the rate and its date', () => {
    expect(run({ amount: '10', from: 'EUR', to: 'dollars' })).toEqual({
      amount: '10',
      from: 'EUR',
      to: 'USD',
      result: '11.59',
      rate: '1.158600',
      rate_date: '2026-10-30',
    });
  });

  test('loses no digit of a large amount', () => {
    expect(run({ amount: '90071992547409931.01', from: 'EUR', to: 'USD' }).result).toBe(
      '104357410565429146.07',
    );
  });

  test.each([
    [{ query: '5 apples' }, 'Expected two currencies, such as "100 usd to eur"; known are EUR, USD'],
    [{ query: '100 usd' }, 'Expected two currencies'],
    [{ query: '' }, 'Expected two currencies'],
    [{ query: 'from 5 to 7 usd in eur' }, 'Expected one amount, got 2, such as "5" and "7"'],
    [{ amount: 1, from: 'USD', to: 'doubloons' }, 'Unknown currency "doubloons", expected one of EUR, USD'],
    [{ amount: 1e21, from: 'USD', to: 'EUR' }, 'Expected a decimal number such as 12.50, got "1e+21"'],
  ])('refuses %j for good', (request, message) => {
    expect(() => run(request)).toThrow(
      expect.objectContaining({ name: 'PermanentError', message: expect.stringContaining(message) }),
    );
  });
});
