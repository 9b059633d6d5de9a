import {
  releaseReservation,
  reservationKey,
  reserve,
  settleEndedRuns,
} from '../../activities/reservation.ts';
import { parseConfig } from '../../core/settings/config.ts';
import type { Limits, LimitsClaim } from '../../core/limits/limits.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { memoryRecords } from '../support/memory-records.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const LATER = NOON + 60_000;
/** Room for two runs. */
const settings = parseConfig({ SKILLOS_BUDGET_DAILY: '2', SKILLOS_BUDGET_LOW_REMAINING: '0' });

/** A tenant whose runs `a` and `b` hold all there is, of whom these are gone. */
async function aFullTenant(...gone: readonly string[]) {
  const records = memoryRecords();
  const journal = memoryJournal();
  const asked: string[] = [];
  const take = (key: string, now: number) => {
    const claim: LimitsClaim = { key, steps: [{ number: 1, skill: 'a/b' }], now, settings };
    const isGone = async (runId: string) => {
      asked.push(runId);
      return gone.includes(runId);
    };
    return reserve({ records, journal, now: () => now, isGone, limits: settings }, 'default', claim);
  };
  await take('a/1', NOON);
  await take('b/1', NOON);
  return {
    records,
    take,
    asked,
    held: async () => Object.keys((await records.get<Limits>('limits', 'default'))?.reservations ?? {}),
    audited: async () => (await journal.read('audit/default')).entries,
  };
}

describe('reserve', () => {
  test('asks after nobody while their leases last', async () => {
    const { take, asked } = await aFullTenant('a', 'b');
    expect(await take('c/1', LATER - 1)).toMatchObject({ kind: 'deny', policy: 'daily_limit_exceeded' });
    expect(asked).toEqual([]);
  });

  test('takes back what runs hold that are gone, says so, and takes it', async () => {
    const { take, held, audited } = await aFullTenant('b');
    expect(await take('c/1', LATER)).toMatchObject({ kind: 'allow' });
    expect(await held()).toEqual(['a/1', 'c/1']);
    expect(await audited()).toMatchObject([
      { id: 'b/1/reservation_released', action: 'reservation_released', run: 'b', actor: { via: 'system' } },
    ]);
  });

  test('leaves to the living what they hold, and asks again a lease later', async () => {
    const { take, asked, held } = await aFullTenant();
    expect(await take('c/1', LATER)).toMatchObject({ kind: 'deny' });
    expect(await take('c/1', LATER + 1)).toMatchObject({ kind: 'deny' });
    expect(asked).toEqual(['a', 'b']);
    await take('c/1', LATER + 60_000);
    expect(asked).toEqual(['a', 'b', 'a', 'b']);
    expect(await held()).toEqual(['a/1', 'b/1']);
  });

  test('takes over from an earlier execution of the same run', async () => {
    const { take, asked, held } = await aFullTenant();
    expect(await take('b/2', NOON)).toMatchObject({ kind: 'allow' });
    expect(await held()).toEqual(['a/1', 'b/2']);
    expect(asked).toEqual([]);
  });
});

describe('releaseReservation', () => {
  test('lets go of what one execution holds', async () => {
    const { records, held } = await aFullTenant();
    await releaseReservation({ records }, 'default', reservationKey({ id: 'a', executionId: '1' }));
    expect(await held()).toEqual(['b/1']);
  });
});

describe('settleEndedRuns', () => {
  test('charges runs that were recorded as ended, and leaves those that go on', async () => {
    const { records, held } = await aFullTenant();
    const ports = { records, journal: memoryJournal(), now: () => NOON, limits: settings };
    const ended = { status: 'success', endedAt: '2026-11-22T12:00:00Z', succeeded: [1] };
    for (const [id, state] of Object.entries({ a: ended, b: { status: 'running' } })) {
      const record = { id, tenant: 'default', steps: [], claim: { key: `${id}/1` }, ...state };
      await runRecords(records).open(record as unknown as RunRecord); // no other field is read
    }
    await settleEndedRuns(ports);
    expect(await held()).toEqual(['b/1']);
    const { spent } = (await records.get<Limits>('limits', 'default')) ?? {};
    expect(spent).toEqual({ '2026-11-22': 10_000, '2026-11': 10_000 });
  });

  test('releases what a lost worker reserved for a run that ended before its claim was recorded', async () => {
    const { records, held } = await aFullTenant();
    const journal = memoryJournal();
    const ended = { status: 'cancelled', endedAt: '2026-11-22T12:00:00Z' };
    for (const [id, executionId] of Object.entries({ a: '1', b: '2' })) {
      const record = { id, tenant: 'default', steps: [], executionId, ...ended };
      await runRecords(records).open(record as unknown as RunRecord); // no other field is read
    }
    await settleEndedRuns({ records, journal, now: () => NOON, limits: settings });
    expect(await held()).toEqual(['b/1']); // of an execution that the record does not describe
    const { entries } = await journal.read('audit/default');
    expect(entries).toMatchObject([{ action: 'reservation_released', run: 'a' }]);
    expect((await records.get<Limits>('limits', 'default'))?.spent).toEqual({});
  });
});
