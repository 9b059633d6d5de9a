import { EXIT, EXIT_MEANING } from '../../../core/errors/exit-codes.ts';

test('EXIT is the contract with the shell', () => {
  expect(EXIT).toEqual({
    ok: 0,
    failed: 1,
    usage: 2,
    blocked: 3,
    waiting: 4,
    timeout: 5,
    limited: 6,
    unreachable: 7,
    unmatched: 8,
    config: 78,
    interrupted: 130,
  });
});

test('EXIT_MEANING explains every code, without a full stop', () => {
  expect(Object.keys(EXIT_MEANING)).toEqual(Object.keys(EXIT));
  for (const meaning of Object.values(EXIT_MEANING)) expect(meaning).toMatch(/^[a-z].*[^.]$/);
});
