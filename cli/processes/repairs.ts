/** Makes Temporal agree with the records while a worker serves; the worker serves also if that fails. */
import { setTimeout as delay } from 'node:timers/promises';
import { serverKeyOf } from '../../adapters/machine/engine-key.ts';
import { intlZones } from '../../adapters/machine/zones.ts';
import { openPorts } from '../../adapters/open.ts';
import { openState } from '../../adapters/storage/state.ts';
import { dataConverterOf } from '../../adapters/temporal/payload-codec.ts';
import type { TemporalTarget } from '../../client/temporal/connection.ts';
import { signersOf } from '../../core/runs/signers.ts';
import type { WorkerSource } from './worker-process.ts';

const REPAIR_JOBS_EVERY_MS = 30_000;
/** After this many schedules the progress is noted. */
const NOTED_EVERY = 1000;

/** Temporal's Schedules become what the records say. */
export async function repairFor(
  { config, context, note }: WorkerSource,
  target: TemporalTarget,
): Promise<void> {
  const [{ repairSchedules }, { signSchedules }, { connectTemporal }] = await Promise.all([
    import('../../client/schedules/repair.ts'),
    import('../../client/schedules/sign-requests.ts'),
    import('../../client/temporal/connection.ts'),
  ]);
  const state = openState(config);
  try {
    const temporal = await connectTemporal(target, dataConverterOf(config.payloadKey));
    try {
      const { sign } = signersOf(serverKeyOf(config, context.env));
      if (sign !== undefined && !config.production) await signSchedules(state.records, sign);
      const ports = { records: state.records, now: context.now, zones: intlZones };
      const count = await repairSchedules(ports, temporal, (done, all) => {
        if (done % NOTED_EVERY === 0 && done < all) note(`schedules_repaired: ${done} of ${all}`);
      });
      if (count > 0) note(`schedules_repaired: ${count}`);
    } finally {
      await temporal.close();
    }
  } catch (error) {
    note(`Cannot repair the schedules on Temporal: ${messageOf(error)}`);
  } finally {
    await state.close();
  }
}

/** Starts jobs whose workflow is missing, at once and every 30 s until `signal` aborts. */
export async function keepJobsStarted(
  { config, context, note }: WorkerSource,
  target: TemporalTarget,
  signal: AbortSignal,
): Promise<void> {
  const [{ repairQueue }, { connectTemporal }] = await Promise.all([
    import('../../client/jobs/repair-queue.ts'),
    import('../../client/temporal/connection.ts'),
  ]);
  const { state, ports } = openPorts(config, context.now);
  const known = new Set<string>();
  while (!signal.aborted) {
    try {
      const temporal = await connectTemporal(target, dataConverterOf(config.payloadKey));
      await repairQueue(ports, temporal, { known, signal }).finally(() => temporal.close());
    } catch (error) {
      note(`Cannot repair the jobs queue: ${messageOf(error)}`);
    }
    await delay(REPAIR_JOBS_EVERY_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
  }
  await state.close();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
