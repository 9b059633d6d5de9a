import { openFileRecords } from '../../../adapters/storage/files/file-records.ts';
import { openPostgresRecords } from '../../../adapters/storage/postgres/postgres-records.ts';
import { openPostgres } from '../../../adapters/storage/postgres/postgres.ts';
import type { PostgresOptions } from '../../../adapters/storage/postgres/postgres.ts';
import { claimRunId } from '../../../client/runs/idempotency.ts';
import type { Records } from '../../../core/storage/records.ts';
import { memoryRecords } from '../../support/memory-records.ts';
import { startPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { PROCESSES_TIMEOUT_MS, bundledScript, spawnLines } from '../../support/processes.ts';
import { aRunClaim } from '../../support/run-claim.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const at = (now: number, records: Records = memoryRecords()) => ({ records, now: () => now });

describe('claimRunId', () => {
  test('answers the same request with the first run, and another one with an error', async () => {
    const ports = at(0);
    expect(await claimRunId(ports, aRunClaim())).toEqual({ runId: 'run-1', isReplayed: false });
    const reordered = { payload: { from: 'Kazan', to: 'Sochi' }, plan: 'travel/search_flights' };
    expect(await claimRunId(ports, aRunClaim({ runId: 'run-2', request: reordered }))).toEqual({
      runId: 'run-1',
      isReplayed: true,
      expiresAt: 300_000,
    });
    await expect(claimRunId(ports, aRunClaim({ runId: 'run-3', request: 'other' }))).rejects.toMatchObject({
      code: 'idempotency_key_reused',
      message: 'Idempotency key "key-1" stands for another request',
      details: { run_id: 'run-1' },
    });
  });

  test.each([
    { tenant: 'acme' },
    { principal: { subject: 'ann', via: 'jwt' as const } },
    { operation: 'job' },
    { key: 'key-2' },
  ])('keeps keys apart by %j', async (other) => {
    const ports = at(0);
    await claimRunId(ports, aRunClaim());
    expect(await claimRunId(ports, aRunClaim({ ...other, runId: 'run-2' }))).toEqual({
      runId: 'run-2',
      isReplayed: false,
    });
  });

  test('forgets a key when its time is over', async () => {
    const { records } = at(0);
    await claimRunId(at(0, records), aRunClaim());
    const late = aRunClaim({ runId: 'run-2', request: 'other' });
    await expect(claimRunId(at(299_999, records), late)).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
    expect(await claimRunId(at(300_000, records), late)).toEqual({ runId: 'run-2', isReplayed: false });
  });

  test('remembers nothing where the time is 0, and still refuses what is no key', async () => {
    const ports = at(0);
    for (const runId of ['run-1', 'run-2']) {
      const claim = aRunClaim({ runId, ttlSeconds: 0 });
      expect(await claimRunId(ports, claim)).toEqual({ runId, isReplayed: false });
    }
    expect(await ports.records.list('idempotency')).toEqual([]);
    await expect(claimRunId(ports, aRunClaim({ key: ' ', ttlSeconds: 0 }))).rejects.toMatchObject({
      code: 'usage',
    });
  });

  test('keeps no more keys than are in use, give or take', async () => {
    const { records } = at(0);
    for (let n = 0; n < 100; n++) await claimRunId(at(n, records), aRunClaim({ key: `old-${n}` }));
    for (let n = 0; n < 100; n++) await claimRunId(at(400_000, records), aRunClaim({ key: `new-${n}` }));
    expect((await records.list('idempotency', { limit: 200 })).length).toBeLessThan(120);
  });

  test('stands although old keys cannot be swept', async () => {
    const records: Records = { ...memoryRecords(), list: () => Promise.reject(new Error('away')) };
    expect(await claimRunId(at(0, records), aRunClaim())).toEqual({ runId: 'run-1', isReplayed: false });
  });
});

describe.each(['file', 'postgres'])('claimRunId by several processes on %s', (backend) => {
  let worker = '';
  let server: TestPostgres | undefined;
  beforeAll(async () => {
    worker = await bundledScript(new URL('../../support/state-worker.ts', import.meta.url));
    if (backend === 'postgres') server = await startPostgres();
  }, PROCESSES_TIMEOUT_MS);

  let places = 0;
  function newPlace(): string {
    return server === undefined
      ? tempFolder()
      : JSON.stringify({ dsn: server.dsn, schema: `keys_${++places}` });
  }
  function openPlace(place: string): { readonly records: Records; readonly close: () => Promise<void> } {
    if (server === undefined) return { records: openFileRecords(place), close: async () => undefined };
    const database = openPostgres(JSON.parse(place) as PostgresOptions);
    return { records: openPostgresRecords(database), close: database.close };
  }
  const claiming = (place: string, times: number) =>
    spawnLines(process.execPath, [worker, backend, place, 'claim-run', 'k', String(times)]);

  test(
    'gives 100 parallel claims one run',
    async () => {
      const place = newPlace();
      const processes = Array.from({ length: 5 }, () => claiming(place, 20));
      expect(await Promise.all(processes.map(({ ended }) => ended))).toEqual([0, 0, 0, 0, 0]);
      const answers = processes.flatMap(({ lines }) => lines as { runId: string; isReplayed: boolean }[]);
      expect(answers).toHaveLength(100);
      expect(new Set(answers.map(({ runId }) => runId)).size).toBe(1);
      expect(answers.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
    },
    PROCESSES_TIMEOUT_MS,
  );

  test(
    'keeps the run of a process that was killed',
    async () => {
      const place = newPlace();
      const killed = claiming(place, 1_000_000);
      await killed.untilLines(1);
      killed.kill();
      await killed.ended;
      const [first] = killed.lines as { runId: string }[];
      const { records, close } = openPlace(place);
      const again = await claimRunId({ records, now: Date.now }, aRunClaim({ key: 'k', runId: 'mine' }));
      await close();
      expect(again).toEqual({ runId: first?.runId, isReplayed: true, expiresAt: expect.any(Number) });
    },
    PROCESSES_TIMEOUT_MS,
  );
});
