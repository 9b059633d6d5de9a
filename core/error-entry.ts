/** What an error code says to the shell, to HTTP and to a reader; and the entries most codes begin from. */
import type { ExitCode } from './exit-codes.ts';
import { EXIT } from './exit-codes.ts';

export interface CodeEntry {
  readonly exit: ExitCode;
  /** HTTP status of the problem document; 200 where the run itself ended so and is reported as a result. */
  readonly http: number;
  /** Whether an activity that failed so may be tried again. */
  readonly retryable: boolean;
  readonly meaning: string;
  readonly remedy: string;
}

export const usage = { exit: EXIT.usage, http: 400, retryable: false } as const;
export const input = { exit: EXIT.usage, http: 422, retryable: false } as const;
export const missing = { exit: EXIT.usage, http: 404, retryable: false } as const;
export const conflict = { exit: EXIT.failed, http: 409, retryable: false } as const;
export const runError = { exit: EXIT.failed, http: 200, retryable: false } as const;
export const refused = { exit: EXIT.blocked, http: 403, retryable: false } as const;
export const limited = { exit: EXIT.limited, http: 429, retryable: false } as const;
export const unreachable = { exit: EXIT.unreachable, http: 503, retryable: true } as const;
