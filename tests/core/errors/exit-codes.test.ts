import { ERROR_CODES } from '../../../core/errors/error-codes.ts';
import { EXIT, EXIT_HTTP, EXIT_MEANING } from '../../../core/errors/exit-codes.ts';
import type { ExitCode } from '../../../core/errors/exit-codes.ts';

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

test('EXIT_HTTP has the status of every error code', () => {
  const lacking = Object.entries(ERROR_CODES).filter(
    ([, { exit, http }]) => !statusesOf(exit).includes(http),
  );
  expect(lacking).toEqual([]);
});

function statusesOf(exit: ExitCode): readonly number[] {
  const [name] = Object.entries(EXIT).find(([, code]) => code === exit) ?? [];
  return EXIT_HTTP[name as keyof typeof EXIT];
}
