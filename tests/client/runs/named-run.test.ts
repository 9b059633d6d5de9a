import { namedRun } from '../../../client/runs/named-run.ts';
import { runRecords } from '../../../core/runs/run-records.ts';
import type { RunRecord } from '../../../core/runs/run.ts';
import { runIdAt } from '../../../core/values/run-id.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import { aRecord, aRequirement, aRights } from '../../support/builders.ts';
import { aParkedRun } from '../../support/parked-runs.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const OLD = 'travel.search-01KAP00000V8Z0W6T5R7Y9X1BC';
const FLIGHT = 'travel.search-01KAP3M2Q4V8Z0W6T5R7Y9X1BC';
const HOTEL = 'travel.hotel-01KAP3M2Q5V8Z0W6T5R7Y9X1BC';
const FIRED = 'nightly-2025-01-02T03:04:05Z';
const FOREIGN = 'travel.secret-01KAP3M2Q6V8Z0W6T5R7Y9X1BC';
const JOB = 'ops.first-01KAP3M2Q3V8Z0W6T5R7Y9X1BC';

async function recordsWith(...runs: readonly Partial<RunRecord>[]) {
  const records = memoryRecords();
  for (const run of runs) await runRecords(records).open(aRecord(run));
  return { records };
}

const ports = recordsWith(
  { id: OLD, status: 'error' },
  { id: FLIGHT, status: 'blocked' },
  { id: HOTEL, status: 'success' },
  { id: FIRED, status: 'success', schedule: 'nightly' },
  { id: JOB, status: 'queued', queue: 'jobs' },
  { id: FOREIGN, tenant: 'other', status: 'error' },
);

describe('namedRun', () => {
  test.each([
    [FLIGHT, FLIGHT],
    ['travel.h', HOTEL],
    ['travel.search-01KAP3', FLIGHT],
    ['travel.search-01KAP0', OLD],
    ['nightly-2025', FIRED],
    ['@latest', HOTEL],
    ['@failed', FLIGHT],
    // Commands report these as unknown.
    ['travel.secret', 'travel.secret'],
    ['travel.none-01KAP3', 'travel.none-01KAP3'],
    ['@first', '@first'],
    ['../x', '../x'],
    ['', ''],
  ])('%j is %s', async (text, id) => {
    expect(await namedRun(await ports, { text, rights: aRights() })).toBe(id);
  });

  test('reports the runs that begin alike', async () => {
    await expect(namedRun(await ports, { text: 'travel.', rights: aRights() })).rejects.toMatchObject({
      code: 'ambiguous_run',
      message: `Several runs begin with "travel.": ${HOTEL}, ${FLIGHT}, ${OLD}`,
    });
  });

  test('finds jobs only, if a job is named', async () => {
    const rights = aRights();
    expect(await namedRun(await ports, { text: '@latest', rights, queue: 'jobs' })).toBe(JOB);
    expect(await namedRun(await ports, { text: 'travel.', rights, queue: 'jobs' })).toBe('travel.');
  });

  test('finds a waiting run for somebody who may decide it, but not read it', async () => {
    const decidable = await recordsWith(
      aParkedRun({ requirement: aRequirement({ approvers: ['bob'] }) }, { id: FLIGHT }),
      aParkedRun({ requirement: aRequirement({ approvers: ['eve'] }) }, { id: HOTEL }),
      { id: OLD, status: 'success' },
    );
    const file = parsePermissionFile('{"roles":{},"policies":[]}');
    const rights = aRights({ principal: { subject: 'bob', roles: [], via: 'local' }, file });
    expect(await namedRun(decidable, { text: 'travel.', rights })).toBe(FLIGHT);
    const stranger = aRights({ principal: { subject: 'sam', roles: [], via: 'local' }, file });
    expect(await namedRun(decidable, { text: 'travel.', rights: stranger })).toBe('travel.');
  });

  test('the latest run of somebody who has none is unknown', async () => {
    const rights = aRights({ principal: { subject: 'bob', roles: [], via: 'local' } });
    expect(await namedRun(await ports, { text: '@latest', rights })).toBe('@latest');
  });

  test('finds a run by its time behind a page of newer ones', async () => {
    const newer = Array.from({ length: 1100 }, (_, number) => ({
      id: runIdAt(1_900_000_000_000 + number).replace(/^0/, 'ops.newer'),
    }));
    const many = await recordsWith({ id: FLIGHT }, ...newer);
    expect(await namedRun(many, { text: 'travel.search-01KAP3', rights: aRights() })).toBe(FLIGHT);
    expect(await namedRun(many, { text: 'travel.', rights: aRights() })).toBe(FLIGHT);
  });
});
