/** The exit codes of the command line, and the HTTP statuses of the same outcomes; `skillos help exit-codes` prints the table. */
export const EXIT = {
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
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANING: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'routed, dry run, success, or a detached run was started',
  failed: 'the run failed or was cancelled, or a check has findings',
  usage: 'invalid command, option or input',
  blocked: 'blocked by a permission or an approval, or the token is not valid',
  waiting: 'the run waits for an approval or is paused',
  timeout: 'the wait timed out; the run continues',
  limited: 'blocked by a budget, an open circuit or a rate limit',
  unreachable: 'the engine or the storage does not answer; nothing was started',
  unmatched: 'no skill matches the query with enough confidence',
  config: 'invalid configuration',
  interrupted: 'interrupted from the keyboard',
};

/** The statuses with which the API answers, the usual one first; none for what only a command can end with. */
export const EXIT_HTTP: Readonly<Record<keyof typeof EXIT, readonly number[]>> = {
  ok: [200, 202],
  failed: [200, 409, 500, 503],
  usage: [400, 422, 404, 405, 413, 414, 415, 431],
  blocked: [403, 401],
  waiting: [202],
  timeout: [202],
  limited: [429, 503],
  unreachable: [503, 408],
  unmatched: [200],
  config: [500],
  interrupted: [],
};
