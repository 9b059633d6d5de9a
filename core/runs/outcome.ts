/** Maps the status of a result to exit code and HTTP status. */
import type { ErrorCode } from '../errors/error-codes.ts';
import { ERROR_CODES } from '../errors/error-codes.ts';
import { EXIT } from '../errors/exit-codes.ts';
import type { ExitCode } from '../errors/exit-codes.ts';
import type { RunStatus } from './run.ts';

/** All values of `status` in results. */
export type Status = RunStatus | 'routed' | 'no_skill_found' | 'low_confidence' | 'dry_run';

/** Reasons of `blocked` that are limits, with their HTTP status. Unlike a denial they end with time. */
const LIMITS: ReadonlyMap<string | undefined, number> = new Map([
  ['budget_exceeded', 429],
  ['circuit_open', 503],
  ['rate_limited', 429],
]);

interface Answer {
  readonly exit: ExitCode;
  readonly http: number;
}

export function verdictOf(status: Status, reason?: string): Answer {
  switch (status) {
    case 'routed':
    case 'dry_run':
    case 'success':
      return { exit: EXIT.ok, http: 200 };
    case 'queued':
    case 'running':
      return { exit: EXIT.ok, http: 202 };
    case 'awaiting_approval':
    case 'paused':
      return { exit: EXIT.waiting, http: 202 };
    case 'error':
      return { exit: exitOfError(reason), http: 200 };
    case 'cancelled':
      return { exit: EXIT.failed, http: 200 };
    case 'blocked': {
      const limit = LIMITS.get(reason);
      return limit === undefined ? { exit: EXIT.blocked, http: 403 } : { exit: EXIT.limited, http: limit };
    }
    case 'no_skill_found':
    case 'low_confidence':
      return { exit: EXIT.unmatched, http: 200 };
  }
}

/** A run that failed with an error code exits like a command that fails with the same code. */
function exitOfError(reason: string | undefined): ExitCode {
  return reason !== undefined && Object.hasOwn(ERROR_CODES, reason)
    ? ERROR_CODES[reason as ErrorCode].exit
    : EXIT.failed;
}
