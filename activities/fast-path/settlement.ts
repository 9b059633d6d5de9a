/** Shortcut 2 of the fast path: the activity of the step that completes a plan records the success of the run. */
import { Context } from '@temporalio/activity';
import { untilKept } from '../../adapters/storage/absent-store.ts';
import { endRecord } from '../../core/runs/run-record.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import type { Account, RunRecord, Settlement } from '../../core/runs/run.ts';
import type { Carried } from '../../core/values/carried.ts';
import type { Last, OpeningInput, StepInput, StepResult } from '../../workflows/messages.ts';
import { currentExecution } from '../execution.ts';
import type { WorkerPorts } from '../ports.ts';
import { stampNow } from '../run-record.ts';
import { settleAccount } from '../settle.ts';

/** A step that may complete its plan. */
interface LastStep {
  readonly number: number;
  readonly last: Last;
}

interface End {
  readonly settlement: Settlement;
  readonly account: Account;
}

/**
 * Records the success of the run if this step completes the plan: it is the last one, or the last of its group to finish.
 * The budget is charged in the background from the record; if this worker is lost first, the next claim that needs the
 * budget charges it. Never rejects, because the skill has had its effect: the workflow settles a run that is not recorded.
 */
export async function settleLast(
  ports: WorkerPorts,
  input: StepInput,
  result: StepResult,
): Promise<StepResult> {
  const lastStep = lastStepOf(input);
  const end = lastStep === undefined ? undefined : endWith(ports, lastStep, result);
  if (end === undefined) return result;
  try {
    const record = await Promise.race([recordSuccess(ports, end), Context.current().cancelled]);
    if (record === undefined) return result;
    ports.background((signal) => untilKept(() => settleAccount(ports, record), signal));
    const { retries } = result;
    return { ...(resultIn(record, lastStep) ?? result), ...(retries === undefined ? {} : { retries }) };
  } catch {
    return result;
  }
}

/** Returns the result of a step that has settled the run before its worker was lost, so that it is not called again. */
export async function resultOfLost(
  ports: WorkerPorts,
  given: StepInput | OpeningInput,
): Promise<StepResult | undefined> {
  const lastStep = lastStepOf(given);
  return lastStep === undefined ? undefined : recordedResult(ports, lastStep);
}

/** Returns the output of `lastStep`, or of the whole run, if the run was settled as a success. */
export async function recordedResult(
  ports: WorkerPorts,
  lastStep?: LastStep,
): Promise<StepResult | undefined> {
  const record = await runRecords(ports.records).get(currentExecution().id);
  const result = record === undefined ? undefined : resultIn(record, lastStep);
  if (record !== undefined && result !== undefined) await settleAccount(ports, record);
  return result;
}

function lastStepOf(given: StepInput | OpeningInput): LastStep | undefined {
  if ('opens' in given) return { number: 1, last: { succeeded: [] } };
  const { step, last } = given;
  return last === undefined ? undefined : { number: step.number, last };
}

/** Returns undefined until all members of a group have finished in this worker. */
function endWith(
  { groupOutputs }: WorkerPorts,
  { number, last }: LastStep,
  result: StepResult,
): End | undefined {
  const { group, succeeded, ...rest } = last;
  if (group === undefined) {
    const { retries = 0, ...output } = result;
    return success(output, withRetries({ ...rest, succeeded: [...succeeded, number] }, retries));
  }
  const { executionId } = currentExecution();
  const results = groupOutputs({ group: executionId, number, numbers: group, output: result });
  if (results === undefined) return undefined;
  const retries = results.reduce((sum, each) => sum + (each.retries ?? 0), 0);
  const parts = results.map(({ retries: _retries, ...output }) => output);
  const account = { ...rest, succeeded: [...new Set([...succeeded, ...group])] };
  return success({ parts }, withRetries(account, retries));
}

function withRetries(account: Account, own: number): Account {
  const retries = (account.retries ?? 0) + own;
  return retries === 0 ? account : { ...account, retries };
}

function success(output: Carried, account: Account): End {
  return { settlement: { status: 'success', output }, account };
}

/** Does not create a record for a run without one. */
function recordSuccess(ports: WorkerPorts, end: End): Promise<RunRecord | undefined> {
  const stamp = stampNow(ports);
  return runRecords(ports.records).update(currentExecution().id, (current) =>
    current === undefined ? undefined : endRecord(current, stamp, end),
  );
}

function resultIn(record: RunRecord, step?: LastStep): StepResult | undefined {
  if (record.executionId !== currentExecution().executionId || record.status !== 'success') return undefined;
  const output = record.output as Carried;
  const position = step?.last.group?.indexOf(step.number) ?? -1;
  const own = position < 0 || !('parts' in output) ? output : output.parts[position];
  return own === undefined ? undefined : { ...own, settled: true };
}
