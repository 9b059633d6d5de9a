/** Repeats many runs after a confirmation, and prints the result of each. */
import { repeatRuns } from '../../client/submit/repeat-runs.ts';
import type { Repeated } from '../../client/submit/repeat-runs.ts';
import { runsToRepeat } from '../../client/submit/rerun.ts';
import type { Submission } from '../../client/submit/submission.ts';
import type { RunFilter } from '../../client/runs/run-records.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import type { ExitCode } from '../../core/errors/exit-codes.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Output, SkillosCommand } from '../command.ts';
import { confirm } from '../input/confirm.ts';
import { openRequestEvents } from '../request-events.ts';
import { openRuntime } from '../runtime.ts';
import { submitPorts } from './submit-ports.ts';

export interface ManyReruns {
  readonly command: SkillosCommand;
  readonly actor: Submission['actor'];
  readonly filter: Omit<RunFilter, 'rights'>;
  readonly latest: boolean;
  /** Number of runs that must succeed before the others start. */
  readonly canary: number;
  readonly isDryRun: boolean;
  readonly isConfirmed: boolean;
}

export async function rerunMany(many: ManyReruns): Promise<Output & { readonly exit: ExitCode }> {
  const { command, actor, filter } = many;
  const { context } = command;
  const runtime = openRuntime(command);
  const { items: runs, next } = await runsToRepeat(runtime.ports, { ...filter, rights: actor.rights });
  if (next !== undefined)
    command.note(`more than ${filter.limit} runs: only the newest ${filter.limit} are repeated`);
  const found = runs.map((run) => ({ run }));
  if (runs.length === 0 || many.isDryRun) return { ...outputOf(found, runs.length), exit: EXIT.ok };
  for (const run of runs) command.note(`${run.id} ${run.reason ?? run.status}`);
  if (!many.isConfirmed && !(await confirm(`Repeat ${runs.length} runs?`, context))) {
    return { ...outputOf([], runs.length), exit: EXIT.ok };
  }
  const interrupt = new AbortController();
  const forget = context.onInterrupt(() => interrupt.abort());
  const { emit } = openRequestEvents(command, actor.rights.tenant);
  const repeated = await repeatRuns(submitPorts(command, runtime, { emit }), {
    ...many,
    runs,
    signal: interrupt.signal,
    note: (line) => command.note(line),
  }).finally(forget);
  const isWhole = repeated.length === runs.length && repeated.every(({ error }) => error === undefined);
  const isGood = isWhole && repeated.slice(0, many.canary).every(({ status }) => status === 'success');
  if (repeated.length < runs.length)
    command.note(`stopped: ${runs.length - repeated.length} runs are not repeated`);
  return { ...outputOf(repeated, runs.length), exit: isGood ? EXIT.ok : EXIT.failed };
}

function outputOf(repeated: readonly Repeated[], found: number): Output {
  return {
    text: found === 0 ? 'no_runs' : repeated.map(lineOf),
    json: { schema: 'skillos.reruns/v1', found, items: repeated.map(documentOf) },
  };
}

function lineOf({ run, runId, error }: Repeated): string {
  if (error !== undefined) return `${run.id} ${error.code}`;
  return runId === undefined ? `${run.id} ${run.reason ?? run.status}` : `${run.id} -> ${runId}`;
}

function documentOf({ run, runId, status, error }: Repeated): JsonObject {
  return {
    run_id: run.id,
    ...(runId === undefined ? {} : { rerun_id: runId }),
    ...(status === undefined ? {} : { status }),
    ...(error === undefined ? {} : { error }),
  };
}
