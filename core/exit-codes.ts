/** What the process says to the shell; `skillos help exit-codes` prints this table. */
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
  ok: 'routed, dry run, success, or a run that was started and detached from',
  failed: 'the run ended in error or was cancelled, or a check found something',
  usage: 'bad usage or input',
  blocked: 'blocked by a permission or an approval, or a token was not accepted',
  waiting: 'the run waits for an approval or is paused',
  timeout: 'gave up waiting; the run goes on',
  limited: 'blocked by a budget, an open circuit or a rate limit',
  unreachable: 'the engine or the storage cannot be reached; nothing was started',
  unmatched: 'no skill was found for the query, or not with enough confidence',
  config: 'bad configuration',
  interrupted: 'interrupted from the keyboard',
};
