/** Metrics of runs from the logs in a real folder. */
import { openFileJournal } from '../../../adapters/storage/files/file-journal.ts';
import { answerKeeper } from '../../../client/learning/answers.ts';
import { lastQueries } from '../../../client/learning/last-query.ts';
import { readMetrics } from '../../../client/learning/run-metrics.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import type { Routing } from '../../../core/routing/routing.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { isoTime } from '../../../core/values/iso-time.ts';
import { aRights } from '../../support/builders.ts';
import { memoryRecords } from '../../support/memory-records.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const NOW = Date.parse('2026-01-10T00:00:00Z');
const HOUR_MS = 3_600_000;
const FLIGHTS = parseSkillId('travel/search_flights');
const ANN = { rights: aRights(), way: 'cli' as const };
const ROUTED: Routing = { status: 'routed', skill: FLIGHTS, confidence: 0.9, alternatives: [], reasons: [] };
const NOTHING: Routing = { status: 'no_skill_found', confidence: 0, alternatives: [], reasons: [] };

const openPorts = () => ({
  journal: openFileJournal(tempFolder()),
  records: memoryRecords(),
  now: () => NOW,
});

const line = (run: string, hoursAgo: number, skill = FLIGHTS as string) => ({
  at: isoTime(NOW - hoursAgo * HOUR_MS),
  run,
  execution: 'e1',
  skill,
  status: 'success',
  cost: 0,
});

test('counts recent ends before thousands of late lines of old runs', async () => {
  const ports = openPorts();
  const late = Array.from({ length: 3000 }, (_, at) => line(`old${at}`, 30));
  await ports.journal.append('runs-ended/default', [line('new', 1), ...late]);
  const { all } = await readMetrics(ports, ANN, { since: isoTime(NOW - 24 * HOUR_MS) });
  expect(all.runs).toBe(1);
});

test('counts each end once, and only what is recent and of the skill', async () => {
  const ports = openPorts();
  const lines = [line('old', 30), line('r1', 3), line('r1', 3), line('r2', 2, 'a/b'), line('r3', 1)];
  await ports.journal.append('runs-ended/default', [...lines, { unknown: 'version' }]);
  const since = isoTime(NOW - 24 * HOUR_MS);
  expect((await readMetrics(ports, ANN, { since })).all.runs).toBe(3);
  const { all, skills } = await readMetrics(ports, ANN, { since, skill: FLIGHTS });
  expect([all.runs, [...skills.keys()]]).toEqual([2, [FLIGHTS]]);
  const { all: ofOthers } = await readMetrics(
    ports,
    { ...ANN, rights: aRights({ tenant: 'acme' }) },
    { since },
  );
  expect(ofOthers.runs).toBe(0);
});

test('counts the answers of the router, and choices against it', async () => {
  const ports = openPorts();
  const keep = answerKeeper(ports, lastQueries(ports.records, ports.now));
  await keep(ANN.rights, { query: 'Fly to Sochi', routing: ROUTED, isChosen: false });
  await keep(ANN.rights, { query: 'Fly to Rome', routing: ROUTED, isChosen: true });
  await keep(ANN.rights, { query: 'xyz', routing: NOTHING, isChosen: false });
  const { routing } = await readMetrics(ports, ANN, { since: isoTime(NOW) });
  expect(routing).toEqual({ requests: 3, abstentionRate: 1 / 3, overrideRate: 1 / 3 });
  const { entries } = await ports.journal.read('routing/default');
  expect(JSON.stringify(entries)).not.toContain('Sochi');
  const last = await lastQueries(ports.records, ports.now).find(ANN.rights);
  expect(last).toMatchObject({ query: 'Fly to Sochi' });
});

test('a query is answered where nothing can be written', async () => {
  const broken = { append: () => Promise.reject(new Error('read-only')) } as never;
  const keep = answerKeeper(
    { journal: broken, now: () => NOW },
    { remember: () => Promise.reject(new Error('read-only')) },
  );
  await expect(keep(ANN.rights, { query: 'x', routing: ROUTED, isChosen: false })).resolves.toBeUndefined();
});

test('is for those who may read runs', async () => {
  const file = parsePermissionFile(JSON.stringify({ roles: { none: [] }, policies: [] }));
  const rights = aRights({ file, principal: { subject: 'bob', roles: ['none'], via: 'local' } });
  await expect(readMetrics(openPorts(), { ...ANN, rights }, { since: isoTime(0) })).rejects.toMatchObject({
    code: 'permission_denied',
  });
});
