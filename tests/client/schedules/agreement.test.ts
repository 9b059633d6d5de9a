/** Whatever happens to schedules, in whatever order: Temporal ends up with what the records say, and no time runs twice. */
import * as fc from 'fast-check';
import { intlZones } from '../../../adapters/machine/zones.ts';
import type { Actor } from '../../../client/audit/authorize.ts';
import { applySchedule } from '../../../client/schedules/derived-schedule.ts';
import { triggerSchedule } from '../../../client/schedules/fire.ts';
import type { SchedulePorts } from '../../../client/schedules/ports.ts';
import { repairSchedules } from '../../../client/schedules/repair.ts';
import { removeSchedule, setEnabled } from '../../../client/schedules/schedules.ts';
import { dueSchedules, tickSchedules } from '../../../client/schedules/tick.ts';
import { openRecord } from '../../../core/runs/run-record.ts';
import { runRecords } from '../../../core/runs/run-records.ts';
import type { RunRequest } from '../../../core/runs/run.ts';
import { digestIn } from '../../../core/schedules/derivation.ts';
import { refuseFiring } from '../../../core/schedules/due.ts';
import { parseScheduleRequest } from '../../../core/schedules/schedule-request.ts';
import { scheduleRecords } from '../../../core/schedules/schedule-records.ts';
import { endedSchedule, firedSchedule, statusOf } from '../../../core/schedules/schedule.ts';
import type { Schedule } from '../../../core/schedules/schedule.ts';
import { parseFiredRunId, slotTime } from '../../../core/values/schedule-id.ts';
import { derivationOf } from '../../../client/schedules/derived-schedule.ts';
import { aRequest } from '../../support/builders.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { memoryRecords } from '../../support/memory-records.ts';
import { simulateTemporal } from '../../support/simulated-temporal.ts';

const ACTOR: Actor = {
  rights: {
    principal: { subject: 'ann', roles: [], via: 'local' },
    tenant: 'default',
    file: { status: 'absent' },
    production: false,
  },
  way: 'cli',
};
const NAMES = ['a', 'b', 'c'] as const;
const START = Date.parse('2027-01-18T08:00:00Z');
const MINUTE_MS = 60_000;

/** A client that dies has changed the record and has not told Temporal. */
const action = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    id: fc.constantFrom(...NAMES),
    timing: fc.constantFrom({ every: '1m' }, { every: '7m' }, { runAt: '2027-01-18T08:05:00Z' }),
    times: fc.constantFrom(undefined, '1', '3'),
    dies: fc.boolean(),
  }),
  fc.record({
    kind: fc.constantFrom('enable' as const, 'disable' as const, 'remove' as const),
    id: fc.constantFrom(...NAMES),
    dies: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('trigger' as const), id: fc.constantFrom(...NAMES) }),
  fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 90 }) }),
  // The clock of the host is set back: Temporal fires the times after it once more.
  fc.record({ kind: fc.constant('set-back' as const), minutes: fc.integer({ min: 1, max: 90 }) }),
  fc.record({ kind: fc.constantFrom('kill' as const, 'restart' as const, 'wipe' as const, 'tick' as const) }),
);
type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never;

function open() {
  let now = START;
  let isServed = true;
  const waiting: (readonly [string, RunRequest])[] = [];
  /** Run ids whose skill was called. */
  const effects: string[] = [];
  const records = memoryRecords();
  const ports = {
    records,
    journal: memoryJournal(),
    now: () => now,
    zones: intlZones,
  } as unknown as SchedulePorts;
  const known = scheduleRecords(records);
  const simulated = simulateTemporal(async (runId, request) => {
    if (isServed) await serve(runId, request);
    else waiting.push([runId, request]);
  });
  const { temporal } = simulated;

  /** A worker asks the record of the schedule, as `activities/firing.ts` does, and has the effect. */
  async function serve(runId: string, request: RunRequest): Promise<void> {
    const at = parseFiredRunId(runId)?.at as number;
    const name = { tenant: 'default', id: request.schedule as string };
    if ((await runRecords(records).get(runId))?.endedAt !== undefined) return;
    let isRefused = true;
    await known.update(name, (current) => {
      const firing = { at, now, runId, signature: undefined, hasRecord: false };
      isRefused = refuseFiring(current, firing, () => 0) !== undefined;
      if (current === undefined || isRefused) return current;
      return firedSchedule(current, { at: slotTime(at), runId, way: 'time' });
    });
    const status = isRefused ? 'error' : 'success';
    if (!isRefused) effects.push(runId);
    await runRecords(records).open({ ...openRecord(runId, request), status, endedAt: slotTime(now) });
    if (!isRefused) await known.update(name, (current) => current && endedSchedule(current, runId, status));
  }

  async function restart(): Promise<void> {
    isServed = true;
    for (const [runId, request] of waiting.splice(0)) await serve(runId, request);
    await repairSchedules(ports, temporal);
  }

  async function add({ id, timing, times, dies }: Extract<Action, { kind: 'add' }>): Promise<void> {
    const firing = parseScheduleRequest({ ...timing, times }, intlZones, 'UTC');
    const at = slotTime(now);
    const request = aRequest({ schedule: id, askedAt: at });
    const schedule: Schedule = {
      id,
      tenant: 'default',
      skill: 'ops/first',
      request,
      ...firing,
      enabled: true,
      since: at,
      fired: [],
      firedCount: 0,
      skipped: [],
      createdAt: at,
    };
    const written = await known.update(schedule, (current) =>
      current === undefined || current.isRemoved === true ? schedule : current,
    );
    if (written === schedule && !dies) await applySchedule(ports, temporal, schedule);
  }

  async function change(id: string, { kind, dies }: Extract<Action, { dies: boolean }>): Promise<void> {
    const changed =
      kind === 'remove'
        ? await removeSchedule(ports, ACTOR, id)
        : await setEnabled(ports, ACTOR, { id, enabled: kind === 'enable' });
    if (!dies) await applySchedule(ports, temporal, changed);
  }

  async function perform(next: Action): Promise<void> {
    const schedule = 'id' in next ? await known.get({ tenant: 'default', id: next.id }) : undefined;
    switch (next.kind) {
      case 'add':
        return add(next);
      case 'enable':
      case 'disable':
      case 'remove':
        return schedule === undefined || schedule.isRemoved === true ? undefined : change(next.id, next);
      case 'trigger':
        if (schedule === undefined || schedule.isRemoved === true) return;
        return void (await triggerSchedule(ports, temporal, { actor: ACTOR, schedule }));
      case 'wait': {
        const from = now;
        now += next.minutes * MINUTE_MS;
        return simulated.fire(from, now);
      }
      case 'set-back':
        now -= next.minutes * MINUTE_MS;
        return;
      case 'tick': {
        await restart(); // a command starts the local engine
        const { due } = await dueSchedules(ports, ACTOR);
        const signal = new AbortController().signal;
        return tickSchedules(ports, temporal, {
          schedules: due,
          actor: ACTOR,
          signal,
          onReport: () => undefined,
        });
      }
      case 'kill':
        isServed = false;
        return;
      case 'restart':
        return restart();
      case 'wipe':
        return simulated.wipe();
    }
  }

  return { perform, restart, effects, known, simulated, ports, now: () => now };
}

test('records and Temporal agree after any sequence of changes, kills and losses', async () => {
  const property = fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
    const world = open();
    const { effects, known, simulated, ports } = world;
    for (const next of actions) await world.perform(next);
    await world.restart();
    expect(await repairSchedules(ports, simulated.temporal)).toBe(0);
    const schedules = await known.list();
    expect(schedules.filter(({ isRemoved }) => isRemoved === true)).toEqual([]);
    expect([...simulated.ids()].sort()).toEqual(schedules.map(({ id }) => id).sort());
    for (const schedule of schedules) {
      const state = simulated.state(schedule.id);
      expect(digestIn(state?.note)).toBe(derivationOf(ports, schedule).digest);
      expect(state?.paused).toBe(statusOf(schedule, world.now(), () => 0) !== 'enabled');
      expect(schedule.firedCount).toBeLessThanOrEqual(schedule.times ?? Infinity);
      expect(schedule.fired.filter(({ end }) => end === undefined)).toEqual([]);
    }
    expect(effects).toEqual([...new Set(effects)]);
  });
  await fc.assert(property, { numRuns: 300, seed: 20_261_129 });
});
