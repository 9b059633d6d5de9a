/** Repeats many runs: a few first, and the others only if those succeed. */
import { isSkillosError } from '../../core/errors/errors.ts';
import type { RunRecord, RunStatus } from '../../core/runs/run.ts';
import { submit } from './submit.ts';
import type { Outcome, Submission, SubmitPorts, Waiting } from './submission.ts';

export interface RunsToRepeat {
  readonly runs: readonly RunRecord[];
  readonly actor: Submission['actor'];
  /** Use the present skills instead of those that the runs used. */
  readonly latest: boolean;
  /** Number of runs that must succeed before the others start. */
  readonly canary: number;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
}

/** The repetition of one run, or the error that prevented it. */
export interface Repeated {
  readonly run: RunRecord;
  readonly runId?: string;
  /** Status of a canary at the end of the wait for it. */
  readonly status?: RunStatus;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Returns fewer than `runs` if a canary did not succeed, or `signal` aborted. */
export async function repeatRuns(world: SubmitPorts, wanted: RunsToRepeat): Promise<readonly Repeated[]> {
  const { runs, canary, signal } = wanted;
  const repeated = await Promise.all(
    runs.slice(0, canary).map((run) => repeatToEnd(world, { ...wanted, run })),
  );
  if (repeated.some(({ status }) => status !== 'success')) return repeated;
  for (const run of runs.slice(canary)) {
    if (signal.aborted) break;
    const { outcome, ...ended } = await repeat(world, { ...wanted, run }, { kind: 'none' });
    repeated.push({ ...ended, ...(outcome === undefined ? {} : { runId: outcome.runId }) });
  }
  return repeated;
}

type OneRun = RunsToRepeat & { readonly run: RunRecord };
type StartedOutcome = Extract<Outcome, { readonly runId: string }>;

async function repeatToEnd(world: SubmitPorts, one: OneRun): Promise<Repeated> {
  const { outcome, ...ended } = await repeat(world, one, { kind: 'close', signal: () => one.signal });
  if (outcome === undefined) return ended;
  const { runId } = outcome;
  const status = outcome.kind === 'stopped' ? outcome.parts.record.status : outcome.status;
  one.note(`canary: ${runId} ${status}`);
  return { ...ended, runId, status };
}

/** A run that cannot be repeated does not prevent the others. */
async function repeat(
  world: SubmitPorts,
  { run, actor, latest, note }: OneRun,
  waiting: Waiting,
): Promise<Pick<Repeated, 'run' | 'error'> & { readonly outcome?: StartedOutcome }> {
  try {
    const outcome = await submit(world, {
      wanted: { kind: 'rerun', runId: run.id, set: [], latest },
      payload: () => Promise.resolve(undefined),
      actor,
      options: {},
      waiting,
    });
    return { run, outcome: outcome as StartedOutcome }; // neither a query nor a dry run
  } catch (error) {
    if (!isSkillosError(error) || error.code === 'engine_unreachable') throw error;
    note(`Error: ${run.id}: ${error.message} (${error.code})`);
    return { run, error: { code: error.code, message: error.message } };
  }
}
