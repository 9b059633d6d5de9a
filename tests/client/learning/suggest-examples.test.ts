import { feedbackPorts, giveFeedback } from '../../../client/learning/feedback.ts';
import { lastQueries } from '../../../client/learning/last-query.ts';
import { suggestFor } from '../../../client/learning/suggest-examples.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import { runRecords } from '../../../core/runs/run-records.ts';
import type { RunRecord } from '../../../core/runs/run.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aRecord, aRights, aSkill } from '../../support/builders.ts';
import { catalogsOf, skillsOf } from '../../support/entries.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const FLIGHTS = parseSkillId('travel/search_flights');
const HOTELS = parseSkillId('travel/search_hotels');
const ANN = { rights: aRights(), way: 'cli' } as const;

async function openPorts(...runs: readonly Partial<RunRecord>[]) {
  const base = {
    catalogs: catalogsOf(skillsOf(aSkill(FLIGHTS, { examples: ['fly to Rome'] }), aSkill(HOTELS))),
    records: memoryRecords(),
    journal: memoryJournal(),
    now: () => Date.parse('2026-01-02T03:04:05Z'),
  };
  for (const [index, run] of runs.entries()) {
    const id = `travel.search_flights-01ARZ3NDEKTSV4RRFFQ69G5FA${index}`;
    const record = aRecord({ id, status: 'success', ...run });
    await runRecords(base.records).update(id, () => record);
  }
  const edits: unknown[] = [];
  const editManifest = async (...edit: readonly unknown[]) => void edits.push(edit);
  return { ...feedbackPorts(base, lastQueries(base.records, base.now)), editManifest, edits };
}

const wanted = { skill: FLIGHTS, limit: 5, apply: false };

const RUNS = [
  { query: 'tickets to Sochi' },
  { query: 'fly to Rome!' },
  { query: 'the cheapest plane', status: 'error' as const },
  { query: 'rooms in Sochi' },
  { query: 'of another tenant', tenant: 'acme' },
  {},
];

describe('suggestFor', () => {
  test('takes successful runs and feedback, and leaves out what belongs to another skill', async () => {
    const ports = await openPorts(...RUNS);
    const give = (given: object) => giveFeedback(ports, ANN, { skill: FLIGHTS, source: 'cli', ...given });
    await give({ expected: HOTELS, query: 'rooms in Sochi' });
    await give({ skill: HOTELS, expected: FLIGHTS, query: 'get me over the sea' });
    await give({ skill: HOTELS, query: 'a bed for the night' });
    await give({});
    const { items, file } = await suggestFor(ports, ANN, wanted);
    expect(items.map(({ query }) => query).sort()).toEqual(['get me over the sea', 'tickets to Sochi']);
    expect([file, ports.edits]).toEqual(['metadata/travel/search_flights.yaml', []]);
  });

  test('adds them on request, audited', async () => {
    const ports = await openPorts(...RUNS);
    await suggestFor(ports, ANN, { ...wanted, limit: 1, apply: true });
    expect(ports.edits).toEqual([
      [expect.objectContaining({ id: FLIGHTS }), { examples: ['fly to Rome', expect.any(String)] }],
    ]);
    const { entries } = await ports.journal.read('audit/default');
    expect(entries).toMatchObject([{ action: 'examples_added', skill: FLIGHTS, after: { examples: 1 } }]);
  });

  test('writes nothing where there is nothing to add', async () => {
    const ports = await openPorts();
    expect((await suggestFor(ports, ANN, { ...wanted, apply: true })).items).toEqual([]);
    expect(ports.edits).toEqual([]);
  });

  test.each([
    ['runs:read', 'skills:write', false],
    ['skills:write', 'runs:read', true],
  ])('needs the permission %s', async (_, held, apply) => {
    const file = parsePermissionFile(JSON.stringify({ roles: { some: [held] }, policies: [] }));
    const principal = { subject: 'bob', roles: ['some'], via: 'local' as const };
    const ports = await openPorts(...RUNS);
    const actor = { rights: aRights({ file, principal }), way: 'cli' as const };
    await expect(suggestFor(ports, actor, { ...wanted, apply })).rejects.toMatchObject({
      code: 'permission_denied',
    });
    expect(ports.edits).toEqual([]);
  });
});
