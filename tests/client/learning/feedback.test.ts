import {
  feedbackPorts,
  giveFeedback,
  listFeedback,
  undoFeedback,
} from '../../../client/learning/feedback.ts';
import { lastQueries } from '../../../client/learning/last-query.ts';
import { feedbackReader } from '../../../client/learning/read-feedback.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import { runRecords } from '../../../core/runs/run-records.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aRecord, aRights, aSkill } from '../../support/builders.ts';
import { catalogsOf, skillsOf } from '../../support/entries.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const FLIGHTS = parseSkillId('travel/search_flights');
const HOTELS = parseSkillId('travel/search_hotels');
const HOUR_MS = 3_600_000;

let now: number;

beforeEach(() => {
  now = Date.parse('2026-01-02T03:04:05Z');
});

function openPorts() {
  const ports = {
    catalogs: catalogsOf(skillsOf(aSkill(FLIGHTS), aSkill(HOTELS, { permissions: ['hotels'] }))),
    records: memoryRecords(),
    journal: memoryJournal(),
    now: () => now,
  };
  const last = lastQueries(ports.records, ports.now);
  return { ...feedbackPorts(ports, last), last };
}

const actorWith = (rights: Parameters<typeof aRights>[0]) => ({
  rights: aRights(rights),
  way: 'cli' as const,
});
const ANN = actorWith({});

test('an entry changes what its query is routed to, until it is undone', async () => {
  const ports = openPorts();
  const given = { skill: FLIGHTS, expected: HOTELS, query: 'Sochi on Friday', source: 'cli' };
  const entry = await giveFeedback(ports, ANN, given);
  expect(entry).toMatchObject({ skill: FLIGHTS, expected: HOTELS, query: 'Sochi on Friday', source: 'cli' });
  const learned = await listFeedback(ports, ANN);
  expect(learned.correctedTo('sochi on friday')).toBe(HOTELS);
  await expect(undoFeedback(ports, ANN, entry.id)).resolves.toMatchObject(entry);
  expect((await ports.readFeedback('default')).correctedTo('sochi on friday')).toBeUndefined();
  await expect(undoFeedback(ports, ANN, entry.id)).rejects.toMatchObject({ code: 'unknown_feedback' });
  const audit = await ports.journal.read('audit/default');
  expect(audit.entries).toMatchObject([{ action: 'feedback_given' }, { action: 'feedback_undone' }]);
});

test('feedback of one tenant is unknown to others', async () => {
  const ports = openPorts();
  await giveFeedback(ports, ANN, { skill: FLIGHTS, query: 'Sochi', source: 'cli' });
  expect((await ports.readFeedback('acme')).correctedTo('Sochi')).toBeUndefined();
});

describe('the query', () => {
  test('is the last one of the caller, if it went to the skill within the hour', async () => {
    const ports = openPorts();
    await ports.last.remember(ANN.rights, { query: 'Fly to Sochi', skill: FLIGHTS });
    const bob = actorWith({ principal: { subject: 'bob', roles: [], via: 'local' } });
    const queryOf = async (actor: typeof ANN, skill: typeof FLIGHTS) =>
      (await giveFeedback(ports, actor, { skill, source: 'cli' })).query;
    expect(await queryOf(ANN, FLIGHTS)).toBe('Fly to Sochi');
    expect(await queryOf(ANN, HOTELS)).toBeUndefined();
    expect(await queryOf(bob, FLIGHTS)).toBeUndefined();
    now += HOUR_MS;
    expect(await queryOf(ANN, FLIGHTS)).toBeUndefined();
  });

  test('is remembered once for equal answers in a row', async () => {
    const records = memoryRecords();
    let writes = 0;
    const counting = { ...records, update: (...change: Parameters<typeof records.update>) => {
      writes++;
      return records.update(...change);
    } } as typeof records; // prettier-ignore
    const last = lastQueries(counting, () => now);
    const answer = { query: 'Sochi', skill: FLIGHTS };
    await last.remember(ANN.rights, answer);
    await last.remember(ANN.rights, answer);
    expect(writes).toBe(1);
    await last.remember(ANN.rights, { ...answer, skill: HOTELS });
    now += HOUR_MS / 30;
    await last.remember(ANN.rights, { ...answer, skill: HOTELS });
    expect(writes).toBe(3);
    await expect(last.find(ANN.rights)).resolves.toMatchObject({ skill: HOTELS });
  });

  test('is that of the named run, which must be a run of the skill', async () => {
    const ports = openPorts();
    const record = aRecord({ query: 'Fly to Sochi', skill: FLIGHTS });
    await runRecords(ports.records).open(record);
    const given = { skill: FLIGHTS, runId: record.id, source: 'cli' };
    await expect(giveFeedback(ports, ANN, given)).resolves.toMatchObject({ query: 'Fly to Sochi' });
    await expect(giveFeedback(ports, ANN, { ...given, skill: HOTELS })).rejects.toMatchObject({
      code: 'feedback_invalid',
    });
    const acme = actorWith({ tenant: 'acme' });
    await expect(giveFeedback(ports, acme, given)).rejects.toMatchObject({ code: 'unknown_run' });
  });

  test.each(['', '  ', 'x'.repeat(4097)])('is not %#', async (query) => {
    const ports = openPorts();
    const given = giveFeedback(ports, ANN, { skill: FLIGHTS, query, source: 'cli' });
    await expect(given).rejects.toMatchObject({ code: 'feedback_invalid' });
    expect((await listFeedback(ports, ANN)).entries.size).toBe(0);
  });
});

test.each([
  { source: '' },
  { source: 'x'.repeat(101) },
  { query: 'Fly', runId: 'travel.search_flights-01KDVDNGTR0000000000000001' },
])('takes no entry with %j', async (wrong) => {
  const ports = openPorts();
  const given = giveFeedback(ports, ANN, { skill: FLIGHTS, source: 'cli', ...wrong });
  await expect(given).rejects.toMatchObject({ code: 'feedback_invalid' });
  expect((await listFeedback(ports, ANN)).entries.size).toBe(0);
});

describe('refused is', () => {
  const file = parsePermissionFile(
    JSON.stringify({ roles: { writer: ['feedback:write'], none: [] }, policies: [] }),
  );
  const as = (role: string) =>
    actorWith({ file, principal: { subject: 'ann', roles: [role], via: 'local' } });

  test('who lacks the permission', async () => {
    const ports = openPorts();
    const denied = { code: 'permission_denied' };
    const given = { skill: FLIGHTS, query: 'x', source: 'cli' };
    await expect(giveFeedback(ports, as('none'), given)).rejects.toMatchObject(denied);
    await expect(listFeedback(ports, as('none'))).rejects.toMatchObject(denied);
    await expect(undoFeedback(ports, as('none'), 'x')).rejects.toMatchObject(denied);
  });

  test.each([
    [{ skill: parseSkillId('no/thing') }],
    [{ skill: FLIGHTS, expected: parseSkillId('no/thing') }],
    [{ skill: FLIGHTS, expected: HOTELS }], // hidden from the caller
  ])('a skill that the caller does not know: %j', async (skills) => {
    const ports = openPorts();
    const given = giveFeedback(ports, as('writer'), { ...skills, query: 'x', source: 'cli' });
    await expect(given).rejects.toMatchObject({ code: 'unknown_skill' });
    expect((await ports.readFeedback('default')).entries.size).toBe(0);
  });

  test('more than 1,000 entries of one person within an hour', async () => {
    const ports = openPorts();
    const give = (query: string) => giveFeedback(ports, ANN, { skill: FLIGHTS, query, source: 'cli' });
    for (let count = 0; count < 999; count++) await give(`query number ${count}`);
    const { id } = await give('a mistake');
    await undoFeedback(ports, ANN, id); // counts all the same
    await expect(give('one more')).rejects.toMatchObject({ code: 'rate_limited' });
    now += HOUR_MS;
    await expect(give('one more')).resolves.toMatchObject({ query: 'one more' });
  });
});

describe('feedbackReader', () => {
  test('reads only new lines, and none twice', async () => {
    const ports = openPorts();
    const read = feedbackReader(ports.journal);
    const empty = await read('default');
    await expect(read('default')).resolves.toBe(empty);
    await giveFeedback(ports, ANN, { skill: FLIGHTS, query: 'Sochi', source: 'cli' });
    const both = await Promise.all([read('default'), read('default'), read('default')]);
    expect(new Set(both).size).toBe(1);
    expect(both[0]?.entries.size).toBe(1);
  });

  test('forgets the tenant that was read first, of too many', async () => {
    const ports = openPorts();
    const read = feedbackReader(ports.journal);
    for (let tenant = 0; tenant <= 100; tenant++) {
      const actor = actorWith({ tenant: `t${tenant}` });
      await giveFeedback(ports, actor, { skill: FLIGHTS, query: 'Sochi', source: 'cli' });
      await read(`t${tenant}`);
    }
    expect((await read('t0')).entries.size).toBe(1);
  });
});
