/** Controls a run that is stepped through: reads its pause, and sends commands. */
import { setTimeout as delay } from 'node:timers/promises';
import { ulid } from 'ulid';
import type { Carried } from '../../core/values/carried.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import { isInFlight } from '../../core/runs/run.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { stepNumber } from '../../core/plans/step-name.ts';
import { changesInput, firstChanged } from '../../core/runs/step-command.ts';
import type { SentCommand, StepOrder } from '../../core/runs/step-command.ts';
import { STEP_UPDATE } from '../../workflows/messages.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import { authorizeSkills } from '../audit/authorize-skills.ts';
import type { Actor } from '../audit/authorize.ts';
import { awaitRun } from './await-run.ts';
import type { Temporal } from '../temporal/connection.ts';
import type { ClientPorts } from '../ports.ts';
import { findRun, ofTenant } from './run-records.ts';
import { updateRun } from '../temporal/update.ts';

/** Poll interval and limit for the record to follow an accepted command, which takes milliseconds. */
const POLL_MS = 20;
const MAX_POLLS = 100;

/** Command of a caller; a step is named by its number or its skill. */
export type StepInstruction =
  | { readonly command: 'next' | 'continue' | 'skip' | 'abort' }
  | { readonly command: 'edit'; readonly input: JsonValue }
  | { readonly command: 'break'; readonly step: string };

/** The step before which a run is paused, with its input loaded. */
export interface Paused {
  readonly step: number;
  readonly skill: string;
  readonly input: JsonValue;
}

/** Returns undefined if the run is not paused. */
export async function pauseOf(
  { values }: Pick<ClientPorts, 'values'>,
  { status, pause }: RunRecord,
): Promise<Paused | undefined> {
  if (status !== 'paused' || pause === undefined) return undefined;
  return { step: pause.step, skill: pause.skill, input: await values.uncarry(pause.input) };
}

/** Rejects with `unknown_run`, or as `authorize` does. Needs no Temporal. */
export async function runToControl(ports: ClientPorts, actor: Actor, runId: string): Promise<RunRecord> {
  const run = ofTenant(await findRun(ports, runId), actor.rights);
  await authorize(ports, actor, { operation: 'runs:operate', run });
  return run;
}

/**
 * Call `runToControl` first. Resolves when the run has accepted the command. Rejects with `run_finished`, `run_not_paused`,
 * `unknown_step`, `step_finished`, or as `updateRun` does.
 */
export async function controlRun(
  ports: ClientPorts,
  temporal: Temporal,
  { actor, run, order }: { readonly actor: Actor; readonly run: RunRecord; readonly order: StepInstruction },
): Promise<void> {
  if (!isInFlight(run.status)) {
    throw new SkillosError('run_finished', `Run "${run.id}" has ended: ${run.status}`);
  }
  await authorizeChange(ports, { actor, run, order });
  const argument = await sentBy(ports, temporal, { actor, run, order: await orderOf(ports, run, order) });
  await updateRun<void>(temporal, { runId: run.id, queue: run.queue, name: STEP_UPDATE, argument });
  if (argument.command === 'edit') await untilRecorded(ports, run, argument.input);
  const step = argument.command === 'break' ? argument.step : run.pause?.step;
  await recordAudit(ports, actor, {
    action: 'run_steered',
    run: run.id,
    after: { command: order.command, ...(step === undefined ? {} : { step }) },
  });
}

/**
 * Resolves when the run has left the pause that `run` shows and has stopped again: at another pause, for an approval, or at
 * its end; also when `signal` aborts.
 */
export async function awaitNextStop(
  ports: ClientPorts,
  temporal: Temporal,
  { run, signal }: { readonly run: RunRecord; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted && isStill(run, await findRun(ports, run.id))) {
    await delay(POLL_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
  }
  await awaitRun(ports, temporal, { runId: run.id, signal, returnsWhenParked: true });
}

/** An edit or a skip requires the right to run all steps that receive the changed value. */
async function authorizeChange(
  ports: ClientPorts,
  { actor, run, order }: { readonly actor: Actor; readonly run: RunRecord; readonly order: StepInstruction },
): Promise<void> {
  if (run.pause === undefined || !changesInput(order)) return;
  const first = firstChanged(order, run.pause.step);
  const changed = run.steps.filter(({ number }) => number >= first).map(({ skill }) => skill);
  await authorizeSkills(ports, actor, { run, skills: changed });
}

/** The command with its sender, signed if there is a server key. */
async function sentBy(
  ports: ClientPorts,
  { client }: Temporal,
  { actor, run, order }: { readonly actor: Actor; readonly run: RunRecord; readonly order: StepOrder },
): Promise<SentCommand> {
  const { rights, way, requestId } = actor;
  const execution = run.executionId ?? (await client.workflow.getHandle(run.id).describe()).runId;
  const sender = {
    principal: rights.principal,
    tenant: rights.tenant,
    via: way as 'cli' | 'api' | 'ui', // callers have no other channels
    execution,
    ...(run.pause === undefined ? {} : { paused: run.pause.step }),
    id: ulid(ports.now()),
    ...(requestId === undefined ? {} : { requestId }),
  };
  const signature = ports.signCommand?.(run.id, { ...order, sent: sender });
  return { ...order, sent: { ...sender, ...(signature === undefined ? {} : { signature }) } };
}

/** Waits until the record shows an accepted edit; the workflow writes it shortly after it has accepted the command. */
async function untilRecorded(ports: ClientPorts, run: RunRecord, input: Carried): Promise<void> {
  for (let polls = 0; polls < MAX_POLLS; polls++) {
    const now = await findRun(ports, run.id);
    if (!isStill(run, now) || JSON.stringify(now.pause?.input) === JSON.stringify(input)) return;
    await delay(POLL_MS);
  }
}

function isStill({ pause: before }: RunRecord, { status, pause: now }: RunRecord): boolean {
  return status === 'paused' && before !== undefined && before.step === now?.step;
}

async function orderOf(ports: ClientPorts, run: RunRecord, order: StepInstruction): Promise<StepOrder> {
  switch (order.command) {
    case 'edit':
      return { command: 'edit', input: await ports.values.carry(order.input) };
    case 'break':
      return { command: 'break', step: stepToBreakAt(run, order.step) };
    case 'next':
    case 'continue':
    case 'skip':
    case 'abort':
      return { command: order.command };
  }
}

/** Accepts any number before the run is prepared, because its steps are not known yet. */
function stepToBreakAt({ steps }: RunRecord, name: string): number {
  return steps.length === 0 && /^\d+$/.test(name) ? Number(name) : stepNumber(steps, name);
}
