/** Runs the checks of `skillos doctor`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ERROR_CODES } from '../../core/errors/error-codes.ts';
import { isSkillosError } from '../../core/errors/errors.ts';
import { asClientError } from '../temporal/connection.ts';
import type { Check, Diagnosis, Problem } from '../../core/telemetry/diagnosis.ts';

/** Generous: on a busy machine a healthy check waits for the processor. */
const CHECK_TIMEOUT_MS = 10_000;

/** Runs all checks at once; resolves in their order. A check that takes longer than the timeout is a finding. */
export function diagnose(
  checks: readonly Check[],
  timeoutMs = CHECK_TIMEOUT_MS,
): Promise<readonly Diagnosis[]> {
  return Promise.all(
    checks.map(async ({ name: check, run }) => {
      const timer = new AbortController();
      const timeout = sleep(timeoutMs, [late(timeoutMs)], { signal: timer.signal, ref: false });
      timeout.catch(() => undefined);
      const problems = await Promise.race([run().catch((error: unknown) => [problemOf(error)]), timeout]);
      timer.abort();
      return { check, problems };
    }),
  );
}

function late(timeoutMs: number): Problem {
  return {
    message: `It did not answer within ${timeoutMs} ms`,
    remedy: 'Look at the load of the machine and the network to it, then run skillos doctor again',
  };
}

function problemOf(error: unknown): Problem {
  const known = asClientError(error);
  if (!isSkillosError(known))
    return { message: `It failed: ${String(error)}`, remedy: ERROR_CODES.internal.remedy };
  const { code, message, hint } = known;
  return { message: `${message} (${code})`, remedy: hint ?? ERROR_CODES[code].remedy };
}
