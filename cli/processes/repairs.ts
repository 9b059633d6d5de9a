/** Makes Temporal and the budgets agree with the records while a worker serves; the worker serves also if that fails. */
import { setTimeout as delay } from 'node:timers/promises';
import { serverKeyOf } from '../../adapters/machine/engine-key.ts';
import { intlZones } from '../../adapters/machine/zones.ts';
import { openPorts } from '../../adapters/open.ts';
import { openState } from '../../adapters/storage/state.ts';
import { dataConverterOf } from '../../adapters/temporal/payload-codec.ts';
import type { Temporal, TemporalTarget } from '../../client/temporal/connection.ts';
import { signersOf } from '../../core/runs/signers.ts';
import type { WorkerProcess, WorkerSource } from './worker-process.ts';

const LOOK_FOR_A_LOSS_EVERY_MS = 10_000;
const REPAIR_JOBS_EVERY_MS = 30_000;
const SETTLE_EVERY_MS = 60_000;
/** Without a deadline the client retries for half a minute, and a worker that is to stop would wait for it. */
const ANSWER_WITHIN_MS = 5000;
/** A server that is set up again may lack the namespace for a moment. */
const MISSING_LOOKS = 3;
/** After this many schedules the progress is noted. */
const NOTED_EVERY = 1000;

export interface RepairSource extends WorkerSource {
  /** Called when the namespace was missing at three looks in a row. */
  readonly onNamespaceLost: (error: unknown) => void;
}

/** Temporal's Schedules become what the records say: at once, and whenever the server has lost its database. */
export async function keepSchedules(
  source: RepairSource,
  target: TemporalTarget,
  signal: AbortSignal,
): Promise<void> {
  const { config, context, note } = source;
  const [{ repairSchedules }, { signSchedules }] = await Promise.all([
    import('../../client/schedules/repair.ts'),
    import('../../client/schedules/sign-requests.ts'),
  ]);
  const state = openState(config);
  const ports = { records: state.records, now: context.now, zones: intlZones };
  const repair = async (temporal: Temporal, isNew: boolean): Promise<void> => {
    if (!isNew) return;
    const { sign } = signersOf(serverKeyOf(config, context.env));
    if (sign !== undefined && !config.production) await signSchedules(state.records, sign);
    const onProgress = (repaired: number, all: number) => {
      if (repaired % NOTED_EVERY === 0 && repaired < all) note(`schedules_repaired: ${repaired} of ${all}`);
    };
    const count = await repairSchedules(ports, temporal, onProgress);
    if (count > 0) note(`schedules_repaired: ${count}`);
  };
  const everyMs = LOOK_FOR_A_LOSS_EVERY_MS;
  await keepRepaired(source, { what: 'the schedules on Temporal', target, everyMs, signal, repair });
  await state.close();
}

/** Starts jobs whose workflow is missing, at once and every 30 s. */
export async function keepJobsStarted(
  source: RepairSource,
  target: TemporalTarget,
  signal: AbortSignal,
): Promise<void> {
  const { repairQueue } = await import('../../client/jobs/repair-queue.ts');
  const { state, ports } = openPorts(source.config, source.context.now);
  const known = new Set<string>();
  const repair = async (temporal: Temporal, isNew: boolean): Promise<void> => {
    if (isNew) known.clear();
    await repairQueue(ports, temporal, { known, signal });
  };
  const everyMs = REPAIR_JOBS_EVERY_MS;
  await keepRepaired(source, { what: 'the jobs queue', target, everyMs, signal, repair });
  await state.close();
}

/** Charges runs that were recorded as ended by a worker that was lost before it charged them: at once and every minute. */
export function keepRunsSettled(
  { note }: Pick<WorkerSource, 'note'>,
  { settleEndedRuns }: Pick<WorkerProcess, 'settleEndedRuns'>,
  signal: AbortSignal,
): Promise<void> {
  const what = 'the budgets of ended runs';
  return keepRepeating({ note, what, everyMs: SETTLE_EVERY_MS, signal, work: settleEndedRuns });
}

interface Repair {
  /** Named in notes. */
  readonly what: string;
  readonly target: TemporalTarget;
  readonly everyMs: number;
  readonly signal: AbortSignal;
  /** `isNew` until it has succeeded on the database that the server has now. */
  readonly repair: (temporal: Temporal, isNew: boolean) => Promise<void>;
}

async function keepRepaired(
  { config, note, onNamespaceLost }: RepairSource,
  { target, repair, ...repeated }: Repair,
): Promise<void> {
  const { connectTemporal, isNamespaceMissing, namespaceId } =
    await import('../../client/temporal/connection.ts');
  let repaired: string | undefined;
  let missing = 0;
  const look = async (): Promise<void> => {
    const temporal = await connectTemporal(target, dataConverterOf(config.payloadKey));
    try {
      const deadline = Date.now() + ANSWER_WITHIN_MS;
      const database = await temporal.client.withDeadline(deadline, () =>
        namespaceId(temporal.client.connection, target.namespace),
      );
      await repair(temporal, database !== repaired);
      repaired = database;
    } finally {
      await temporal.close();
    }
  };
  const work = async (): Promise<void> => {
    try {
      await look();
      missing = 0;
    } catch (error) {
      missing = isNamespaceMissing(error) ? missing + 1 : 0;
      if (missing === MISSING_LOOKS) onNamespaceLost(error);
      throw error;
    }
  };
  await keepRepeating({ ...repeated, note, work });
}

interface Repeated extends Pick<Repair, 'what' | 'everyMs' | 'signal'>, Pick<WorkerSource, 'note'> {
  readonly work: () => Promise<void>;
}

/** Works at once and every `everyMs` until `signal` aborts. Notes a fault once, not at each attempt. */
async function keepRepeating({ note, what, everyMs, signal, work }: Repeated): Promise<void> {
  let fault: string | undefined;
  while (!signal.aborted) {
    try {
      await work();
      fault = undefined;
    } catch (error) {
      const reason = messageOf(error);
      if (reason !== fault && !signal.aborted) note(`Cannot repair ${what}: ${reason}`);
      fault = reason;
    }
    await delay(everyMs, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
