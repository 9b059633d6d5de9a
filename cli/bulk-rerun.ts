/** Repeating many runs: a few first, and the rest only when those succeed. */
import type { Actor } from '../client/actor.ts';
import { awaitRun } from '../client/await-run.ts';
import type { Temporal } from '../client/connection.ts';
import type { ClientPorts } from '../client/ports.ts';
import { readRerun, recordRerun, runToRepeat, runsToRepeat } from '../client/rerun.ts';
import { findRun } from '../client/run-records.ts';
import type { RunFilter } from '../client/run-records.ts';
import { checkAsk, startRun } from '../client/runs.ts';
import { isSkillosError } from '../core/errors.ts';
import { EXIT } from '../core/exit-codes.ts';
import type { ExitCode } from '../core/exit-codes.ts';
import type { JsonObject } from '../core/json.ts';
import type { RunRecord, RunStatus } from '../core/run.ts';
import type { Output } from './command.ts';
import { confirm } from './confirm.ts';
import type { CliContext } from './context.ts';
import type { Runtime } from './runtime.ts';

export interface ManyReruns {
  readonly runtime: Runtime;
  readonly context: CliContext;
  readonly actor: Actor;
  readonly filter: Omit<RunFilter, 'rights'>;
  readonly latest: boolean;
  /** How many are awaited before the rest is started. */
  readonly canary: number;
  readonly isDryRun: boolean;
  readonly isConfirmed: boolean;
  readonly note: (line: string) => void;
}

/** What became of one run that was to be repeated. */
interface Repeated {
  readonly run: RunRecord;
  readonly runId?: string;
  /** Of a canary, when it was looked at last. */
  readonly status?: RunStatus;
  readonly error?: { readonly code: string; readonly message: string };
}

export async function rerunMany(many: ManyReruns): Promise<Output & { readonly exit: ExitCode }> {
  const { runtime, context, actor, filter, note } = many;
  const { items: runs, next } = await runsToRepeat(runtime.ports, { ...filter, rights: actor.rights });
  if (next !== undefined) note(`more than ${filter.limit} runs: the newest ${filter.limit} are taken`);
  const found = runs.map((run) => ({ run }));
  if (runs.length === 0 || many.isDryRun) return { ...outputOf(found, runs.length), exit: EXIT.ok };
  for (const run of runs) note(`${run.id} ${run.reason ?? run.status}`);
  if (!many.isConfirmed && !(await confirm(`Repeat ${runs.length} runs?`, context))) {
    return { ...outputOf([], runs.length), exit: EXIT.ok };
  }
  const interrupt = new AbortController();
  const forget = context.onInterrupt(() => interrupt.abort());
  const temporal = await runtime.connect();
  try {
    const repeated = await repeatAll(runtime.ports, temporal, { ...many, runs, signal: interrupt.signal });
    const isWhole = repeated.length === runs.length && repeated.every(({ error }) => error === undefined);
    const isGood = isWhole && repeated.slice(0, many.canary).every(({ status }) => status === 'success');
    if (repeated.length < runs.length)
      note(`stopped: ${runs.length - repeated.length} runs are not repeated`);
    return { ...outputOf(repeated, runs.length), exit: isGood ? EXIT.ok : EXIT.failed };
  } finally {
    forget();
    await temporal.close();
  }
}

type Repeating = Pick<ManyReruns, 'actor' | 'latest' | 'canary' | 'note'> & {
  readonly runs: readonly RunRecord[];
  readonly signal: AbortSignal;
};

/** Fewer than there are runs where a canary did not succeed, or `signal` aborted. */
async function repeatAll(
  ports: ClientPorts,
  temporal: Temporal,
  repeating: Repeating,
): Promise<readonly Repeated[]> {
  const { runs, canary, signal } = repeating;
  const repeated = await Promise.all(
    runs.slice(0, canary).map((run) => repeatToEnd(ports, temporal, { ...repeating, run })),
  );
  if (repeated.some(({ status }) => status !== 'success')) return repeated;
  for (const run of runs.slice(canary)) {
    if (signal.aborted) break;
    repeated.push(await repeat(ports, temporal, { ...repeating, run }));
  }
  return repeated;
}

type RepeatingOne = Repeating & { readonly run: RunRecord };

async function repeatToEnd(ports: ClientPorts, temporal: Temporal, one: RepeatingOne): Promise<Repeated> {
  const repeated = await repeat(ports, temporal, one);
  const { runId } = repeated;
  if (runId === undefined) return repeated;
  await awaitRun(ports, temporal, { runId, signal: one.signal, isParkedEnough: true });
  const { status } = await findRun(ports, runId);
  one.note(`canary: ${runId} ${status}`);
  return { ...repeated, status };
}

/** One that cannot be repeated keeps no other from it. */
async function repeat(
  ports: ClientPorts,
  temporal: Temporal,
  { run, actor, latest, note }: RepeatingOne,
): Promise<Repeated> {
  const { principal, tenant } = actor.rights;
  try {
    await runToRepeat(ports, actor, run.id);
    const { ask } = await readRerun(ports, temporal, { runId: run.id, set: [], latest });
    await checkAsk(ports, ask);
    const { runId } = await startRun(ports, temporal, { ...ask, principal, tenant });
    await recordRerun(ports, actor, { run, origin: ask.origin, runId });
    return { run, runId };
  } catch (error) {
    if (!isSkillosError(error) || error.code === 'engine_unreachable') throw error;
    note(`Error: ${run.id}: ${error.message}`);
    return { run, error: { code: error.code, message: error.message } };
  }
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
