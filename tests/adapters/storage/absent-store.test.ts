import { untilKept, untilStored } from '../../../adapters/storage/absent-store.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import type { ErrorCode } from '../../../core/errors/error-codes.ts';

const never = new AbortController().signal;

/** Fails so often, then succeeds. */
function failing(code: ErrorCode, times: number) {
  let tries = 0;
  return async () => {
    if (++tries <= times) throw new SkillosError(code, 'Away');
    return tries;
  };
}

describe('untilStored', () => {
  test.each(['storage_unreachable', 'lock_timeout'] as const)('tries again after %s', async (code) => {
    await expect(untilStored(failing(code, 2), never)).resolves.toBe(3);
  });

  test.each(['state_corrupt', 'storage_refused', 'storage_full'] as const)(
    'passes on %s at once',
    async (code) => {
      await expect(untilStored(failing(code, 1), never)).rejects.toMatchObject({ code });
    },
  );

  test('gives up as soon as it is told to', async () => {
    const leaving = new AbortController();
    const waited = untilStored(failing('storage_unreachable', 1000), leaving.signal);
    leaving.abort();
    await expect(waited).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('still tries once where there is no time to wait', async () => {
    await expect(untilStored(failing('lock_timeout', 0), AbortSignal.abort())).resolves.toBe(1);
  });
});

describe('untilKept', () => {
  test('waits for room, because what is to be stored has been done', async () => {
    await expect(untilKept(failing('storage_full', 2), never)).resolves.toBe(3);
  });

  test('passes on a refusal at once', async () => {
    await expect(untilKept(failing('storage_refused', 1), never)).rejects.toMatchObject({
      code: 'storage_refused',
    });
  });
});
