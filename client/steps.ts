/** Steering a run that is stepped through: where it stands, and what it is told. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Carried } from '../core/carried.ts';
import { SkillosError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import { isInFlight } from '../core/run.ts';
import type { RunRecord } from '../core/run.ts';
import { stepNumber } from '../core/step-name.ts';
import { STEP_UPDATE } from '../workflows/messages.ts';
import type { StepCommand } from '../workflows/messages.ts';
import { permit, recordAct } from './actor.ts';
import type { Actor } from './actor.ts';
import { awaitRun } from './await-run.ts';
import type { Temporal } from './connection.ts';
import type { ClientPorts } from './ports.ts';
import { findRun, ofTenant } from './run-records.ts';
import { updateRun } from './update.ts';

/** A run takes an order within milliseconds. */
const LOOK_MS = 20;
const MAX_LOOKS = 100;

/** What somebody wants; a step is named by its number or its skill. */
export type StepOrder =
  | { readonly command: 'next' | 'continue' | 'skip' | 'abort' }
  | { readonly command: 'edit'; readonly input: JsonValue }
  | { readonly command: 'break'; readonly step: string };

/** Where a run is paused; the input is loaded where it travels by reference. */
export interface Paused {
  readonly step: number;
  readonly skill: string;
  readonly input: JsonValue;
}

export async function pauseOf(
  { values }: Pick<ClientPorts, 'values'>,
  { status, pause }: RunRecord,
): Promise<Paused | undefined> {
  if (status !== 'paused' || pause === undefined) return undefined;
  return { step: pause.step, skill: pause.skill, input: await values.uncarry(pause.input) };
}

/** Rejects with `unknown_run`, or as `permit` does. Needs no Temporal. */
export async function runToSteer(ports: ClientPorts, actor: Actor, runId: string): Promise<RunRecord> {
  const run = ofTenant(await findRun(ports, runId), actor.rights);
  await permit(ports, actor, { operation: 'runs:operate', run });
  return run;
}

/**
 * `runToSteer` comes first. Resolves when the run has taken the order. Rejects with `run_finished`, `run_not_paused`,
 * `unknown_step`, `step_finished`, or as `updateRun` does.
 */
export async function steer(
  ports: ClientPorts,
  temporal: Temporal,
  { actor, run, order }: { readonly actor: Actor; readonly run: RunRecord; readonly order: StepOrder },
): Promise<void> {
  if (!isInFlight(run.status)) {
    throw new SkillosError('run_finished', `Run "${run.id}" has ended: ${run.status}`);
  }
  const argument = await commandOf(ports, run, order);
  await updateRun<void>(temporal, { runId: run.id, name: STEP_UPDATE, argument });
  if (argument.command === 'edit') await recorded(ports, run, argument.input);
  const step = argument.command === 'break' ? argument.step : run.pause?.step;
  await recordAct(ports, actor, {
    action: 'run_steered',
    run: run.id,
    after: { command: order.command, ...(step === undefined ? {} : { step }) },
  });
}

/**
 * Resolves when the run that was paused as `run` says has gone on from there and has stopped again: at another pause, for
 * people, or at its end; or when `signal` aborts.
 */
export async function awaitNextStop(
  ports: ClientPorts,
  temporal: Temporal,
  { run, signal }: { readonly run: RunRecord; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted && isStill(run, await findRun(ports, run.id))) {
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
  }
  await awaitRun(ports, temporal, { runId: run.id, signal, isParkedEnough: true });
}

/** An edit is taken at once, and recorded a moment later. */
async function recorded(ports: ClientPorts, run: RunRecord, input: Carried): Promise<void> {
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const now = await findRun(ports, run.id);
    if (!isStill(run, now) || JSON.stringify(now.pause?.input) === JSON.stringify(input)) return;
    await delay(LOOK_MS);
  }
}

function isStill({ pause: before }: RunRecord, { status, pause: now }: RunRecord): boolean {
  return status === 'paused' && before !== undefined && before.step === now?.step;
}

async function commandOf(ports: ClientPorts, run: RunRecord, order: StepOrder): Promise<StepCommand> {
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

/** Before a run has been prepared nobody knows its steps: a number is taken as it is. */
function stepToBreakAt({ steps }: RunRecord, name: string): number {
  return steps.length === 0 && /^\d+$/.test(name) ? Number(name) : stepNumber(steps, name);
}
