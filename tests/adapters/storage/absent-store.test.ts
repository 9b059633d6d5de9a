import { untilStored } from '../../../adapters/storage/absent-store.ts';
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

  test('passes on what waiting does not mend, at once', async () => {
    await expect(untilStored(failing('state_corrupt', 1), never)).rejects.toMatchObject({
      code: 'state_corrupt',
    });
  });

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
