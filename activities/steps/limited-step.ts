/**
 * Lets a step of a skill with `concurrency` run only while it holds one of the slots of its skill. Where all are taken the
 * attempt ends at once, so that it holds up no other step of its worker, and Temporal delivers the activity again.
 */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { untilStored } from '../../adapters/storage/absent-store.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { readHeartbeat, slotsKey } from '../../core/limits/concurrency.ts';
import { lastAttemptOf } from '../../core/plans/lost-attempts.ts';
import type { ScheduledStep } from '../../core/plans/plan.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import type { OpeningInput, StepInput } from '../../workflows/messages.ts';
import { currentExecution } from '../execution.ts';
import { asApplicationFailure } from '../failures.ts';
import type { WorkerPorts } from '../ports.ts';
import type { SlotAsk } from './slots.ts';

export interface StepSlot {
  /** Waits for a store that cannot be reached. Rejects with `concurrency_limited` if all slots are taken. Idempotent. */
  take(): Promise<void>;
  /** Without it, or if this worker is lost, the slot is free again when its lease ends. */
  release(): void;
}

const UNLIMITED: StepSlot = { take: async () => undefined, release: () => undefined };

/** Of an activity without a heartbeat timeout; the workflow sets one for every step. */
const DEFAULT_LEASE_MS = 8000;

/** Renewals per lease. */
const RENEWALS = 4;

const NO_SLOT = 'concurrency_limited';

export function slotOf(
  ports: Pick<WorkerPorts, 'slots' | 'records' | 'background'>,
  step: ScheduledStep,
  input: StepInput | OpeningInput,
): StepSlot {
  const { concurrency: limit, skill } = step;
  if (limit === undefined) return UNLIMITED;
  const { cancellationSignal: signal, info } = Context.current();
  const leaseMs = info.heartbeatTimeoutMs ?? DEFAULT_LEASE_MS;
  const holder = crypto.randomUUID();
  let ask: SlotAsk | undefined;
  let renewal: NodeJS.Timeout | undefined;
  return {
    async take() {
      if (renewal !== undefined) return;
      const tenant = await untilStored(() => tenantOf(ports, input), signal);
      const asked = { key: slotsKey(tenant, skill), holder, limit, leaseMs };
      ask = asked; // it may be taken although the answer is lost
      const pauseMs = await untilStored(() => ports.slots.take(asked), signal);
      if (pauseMs !== undefined) {
        ask = undefined;
        throw noSlot(step, pauseMs);
      }
      // The next renewal makes up for one that fails.
      renewal = setInterval(() => void ports.slots.take(asked).catch(() => undefined), leaseMs / RENEWALS);
    },
    release() {
      clearInterval(renewal);
      const held = ask;
      if (held !== undefined)
        ports.background((ending) => untilStored(() => ports.slots.release(held), ending));
    },
  };
}

async function tenantOf(
  { records }: Pick<WorkerPorts, 'records'>,
  input: StepInput | OpeningInput,
): Promise<string> {
  if ('opens' in input) return input.opens.tenant;
  const { id } = currentExecution();
  const record = await runRecords(records).get(id);
  if (record === undefined) throw new SkillosError('run_finished', `Run "${id}" has no record`);
  return record.tenant;
}

function noSlot({ skill, concurrency }: ScheduledStep, pauseMs: number): ApplicationFailure {
  const message = `Waits for concurrency of ${skill}: ${concurrency} of ${concurrency} run`;
  const details = { retry_after_ms: pauseMs };
  return asApplicationFailure(new SkillosError(NO_SLOT, message, { details }));
}

/** True if the activity has ended because all slots were taken: the skill was not called, and this was no attempt. */
export function isWait(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.type === NO_SLOT;
}

export interface Count {
  /** Deliveries of the activity, from 1. */
  readonly delivery: number;
  /** Deliveries before this one that found no slot. */
  readonly waits: number;
  /** Attempts of the skill, from 1; lost ones count. */
  readonly attempt: number;
}

export function countAttempts(step: ScheduledStep, { attemptsBefore }: StepInput | OpeningInput): Count {
  const { attempt, heartbeatDetails } = Context.current().info;
  const delivery = attemptsBefore + attempt;
  const waits = step.concurrency === undefined ? 0 : readHeartbeat(heartbeatDetails).waits;
  return { delivery, waits, attempt: delivery - waits };
}

/** Temporal delivers the activity of a step with a limit as often as it waits, so the activity counts the lost attempts. */
export function refuseLosses(step: ScheduledStep, input: StepInput | OpeningInput, { attempt }: Count): void {
  if (step.concurrency === undefined) return;
  if (attempt <= lastAttemptOf(step, 'opens' in input ? 'opening' : 'step')) return;
  const lost = `Worker lost while skill "${step.skill}" ran`;
  if (!step.repeatable)
    throw new SkillosError('outcome_unknown', `${lost}; it may or may not have had its effect`);
  throw new SkillosError('skill_crashed', `${lost}, in every attempt`, { details: { permanent: true } });
}
