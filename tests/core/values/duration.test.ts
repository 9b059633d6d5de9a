import { durationMs, formatAge, formatDuration, parseDuration } from '../../../core/values/duration.ts';

describe('durationMs', () => {
  test.each([
    ['200ms', 200],
    ['2s', 2000],
    ['10m', 600_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    ['3', 3000],
    ['0', 0],
    ['0.5', 500],
    ['1.5h', 5_400_000],
    ['0.4ms', 0],
    [' 2s ', 2000],
    [2, 2000],
    [0.25, 250],
  ])('reads %j as %j ms', (text, expected) => {
    expect(durationMs(text)).toBe(expected);
  });

  test.each(['', 's', '2 s', '-1s', '+1s', '1e3', '2w', '2S', '1m30s', '.5s', '1.', '٣s', NaN, Infinity, -1])(
    'is undefined for %j',
    (text) => {
      expect(durationMs(text)).toBeUndefined();
    },
  );
});

describe('parseDuration', () => {
  test('gives milliseconds', () => {
    expect(parseDuration('2s', '--timeout')).toBe(2000);
  });

  test('names the option, the value and the rule', () => {
    expect(() => parseDuration('soon', '--timeout')).toThrow(
      expect.objectContaining({
        code: 'usage',
        message:
          'Invalid --timeout "soon": expected a duration such as 200ms, 2s, 10m, 1h or 7d (a bare number is seconds)',
      }),
    );
  });
});

describe('formatDuration', () => {
  test.each([
    [0, '0ms'],
    [849.6, '850ms'],
    [999, '999ms'],
    [999.6, '1.0s'],
    [1000, '1.0s'],
    [1234, '1.2s'],
    [59_949, '59.9s'],
    [59_950, '1m 0s'],
    [60_000, '1m 0s'],
    [185_000, '3m 5s'],
    [3_599_499, '59m 59s'],
    [3_599_500, '1h 0m'],
    [3_600_000, '1h 0m'],
    [90_000_000, '25h 0m'],
  ])('shows %d ms as %s', (ms, expected) => {
    expect(formatDuration(ms)).toBe(expected);
  });
});

describe('formatAge', () => {
  test.each([
    [-5, '0s'],
    [999, '0s'],
    [59_999, '59s'],
    [60_000, '1m'],
    [3_599_999, '59m'],
    [3_600_000, '1h'],
    [86_399_999, '23h'],
    [86_400_000, '1d'],
    [604_800_000, '7d'],
  ])('shows %d ms as %s', (ms, expected) => {
    expect(formatAge(ms)).toBe(expected);
  });
});
