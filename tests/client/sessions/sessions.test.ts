/** Sessions on files and on Postgres. */
import { openContents } from '../../../adapters/deployments/contents.ts';
import { openPorts } from '../../../adapters/open.ts';
import { collectableBundles } from '../../../adapters/skill-code/bundle-store.ts';
import {
  createSession,
  listSessions,
  openSession,
  removeSession,
} from '../../../client/sessions/sessions.ts';
import { checkSession, takeTurn } from '../../../client/sessions/turns.ts';
import { collectStorage } from '../../../client/storage/collect.ts';
import type { CollectPorts } from '../../../client/storage/collect.ts';
import { startRun } from '../../../client/submit/start-run.ts';
import type { Temporal } from '../../../client/temporal/connection.ts';
import type { JsonValue } from '../../../core/json.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import type { Rights } from '../../../core/rights/permission-policy.ts';
import { runRecords } from '../../../core/runs/run-records.ts';
import { sessionRecords } from '../../../core/sessions/session-records.ts';
import { newSession } from '../../../core/sessions/session.ts';
import { parseConfig } from '../../../core/settings/config.ts';
import type { Carried } from '../../../core/values/carried.ts';
import { isoTime } from '../../../core/values/iso-time.ts';
import { runIdOf } from '../../../core/values/run-id.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { ulid } from 'ulid';
import { aRecord, aRights } from '../../support/builders.ts';
import { startPostgres } from '../../support/postgres.ts';
import { memoryRecords } from '../../support/memory-records.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const file = parsePermissionFile(JSON.stringify({ roles: { boss: ['*'] }, policies: [] }));
const as = (subject: string, more: Partial<Rights> = {}): Rights =>
  aRights({ principal: { subject, roles: [], via: 'jwt' }, file, ...more });

const [ANN, BOB] = [as('ann'), as('bob')];
const BOSS = as('boss', { principal: { subject: 'boss', roles: ['boss'], via: 'jwt' } });

describe.each<[string, () => Promise<Readonly<Record<string, string>>>]>([
  ['files', async () => ({})],
  [
    'Postgres',
    async () => ({
      SKILLOS_STORAGE_BACKEND: 'postgres',
      SKILLOS_POSTGRES_DSN: (await startPostgres()).dsn,
    }),
  ],
])('on %s', (_, settingsOf) => {
  let opened: ReturnType<typeof openPorts>;
  let now = Date.parse('2026-01-02T03:04:05Z');

  beforeAll(async () => {
    const settings = await settingsOf();
    opened = openPorts(parseConfig({ ...settings, SKILLOS_ROOT: tempFolder() }), () => now);
  });

  afterAll(() => opened.state.close());

  const turn = (caller: Rights, id: string, content: JsonValue = 'hi', keepLast = 12) => {
    const runId = runIdOf('test.echo', ulid(now));
    return { runId, taken: takeTurn(opened.ports, { caller, id, keepLast, runId, content }) };
  };

  test('concurrent turns lose nothing', async () => {
    const turns = Array.from({ length: 50 }, (_each, index) => turn(ANN, 'busy', `n${index}`, 50));
    const seen = await Promise.all(turns.map(({ taken }) => taken));
    const { messages } = await openSession(opened.ports, ANN, 'busy');
    expect(messages.map(({ content }) => content).sort()).toEqual(turns.map((_each, n) => `n${n}`).sort());
    const counts = await Promise.all(
      seen.map(async ({ seen: carried }) => {
        const value = (await opened.ports.values.uncarry(carried)) as {
          readonly messages: readonly object[];
        };
        return value.messages.length;
      }),
    );
    expect(counts.sort((a, b) => a - b)).toEqual(turns.map((_each, n) => n)); // each saw those before it
  }, 60_000);

  test('a turn sees the answer of the run before it, and a repeated one sees the same', async () => {
    const first = turn(ANN, 'talk', 'Sochi');
    await first.taken;
    now += 1000;
    const end = { status: 'success', output: { value: { days: 3 } }, endedAt: isoTime(now) } as const;
    await runRecords(opened.ports.records).open(aRecord({ id: first.runId, ...end }));
    now += 1000;
    const second = turn(ANN, 'talk', 'and then');
    const { seen } = await second.taken;
    expect(seen).toMatchObject({
      value: { id: 'talk', messages: [{ content: 'Sochi' }, { role: 'assistant', content: '{"days":3}' }] },
    });
    now += 1000;
    const again = { caller: ANN, id: 'talk', keepLast: 12, runId: second.runId, content: 'and then' };
    expect(await takeTurn(opened.ports, again)).toEqual({ id: 'talk', seen });
    expect((await openSession(opened.ports, ANN, 'talk')).messages).toHaveLength(3);
  });

  describe('a run that cannot be read', () => {
    const ended = async (id: string, output: Carried) => {
      const { runId, taken } = turn(ANN, id, 'Sochi');
      await taken;
      await runRecords(opened.ports.records).open(
        aRecord({ id: runId, status: 'success', output, endedAt: isoTime(now) }),
      );
    };
    const tooDeep = Array.from({ length: 70 }).reduce<Carried>((part) => ({ parts: [part] }), { value: 1 });

    test.each<[string, Carried, readonly string[]]>([
      ['missing', { ref: '0'.repeat(64), bytes: 20_000 }, ['Sochi']],
      ['deep', tooDeep, ['Sochi']],
      ['large', { parts: [{ ref: '0'.repeat(64), bytes: 70_000 }] }, ['Sochi', '(output of 70000 bytes)']],
    ])('an output that is %s', async (id, output, contents) => {
      await ended(id, output);
      const seen = (await openSession(opened.ports, ANN, id)).messages;
      expect(seen.map(({ content }) => content)).toEqual(contents);
      await turn(ANN, id, 'and then').taken;
      const { messages } = await openSession(opened.ports, ANN, id);
      expect(messages.map(({ content }) => content)).toEqual([...contents, 'and then']);
    });

    test('a damaged record', async () => {
      await ended('damaged', { value: 'lost' });
      const { records } = opened.ports;
      const get: typeof records.get = async (kind, key) => {
        if (kind === 'runs') throw new SkillosError('state_corrupt', 'not a JSON object');
        return records.get(kind, key);
      };
      const ports = { ...opened.ports, records: { ...records, get } };
      const again = { caller: ANN, id: 'damaged', keepLast: 12, runId: 'r2', content: 'and then' };
      expect((await takeTurn(ports, again)).seen).toMatchObject({
        value: { messages: [{ content: 'Sochi' }] },
      });
      expect((await openSession(opened.ports, ANN, 'damaged')).messages).toHaveLength(2); // is not read again
    });
  });

  const gone = new SkillosError('engine_unreachable', 'gone');

  test.each<[string, Error, { readonly answers: boolean; readonly count: number }]>([
    ['goes out of the session again', new Error('refused'), { answers: true, count: 1 }],
    ['stays if the run may have started', gone, { answers: true, count: 2 }],
    ['is not added during an outage', gone, { answers: false, count: 1 }],
  ])('a request that Temporal has not taken %s', async (name, failure, { answers, count }) => {
    const id = name.slice(0, 9).replaceAll(' ', '-');
    const start = async () => {
      throw failure;
    };
    const describeNamespace = answers ? async () => ({}) : start;
    const client = {
      connection: { workflowService: { describeNamespace } },
      workflow: { start },
      withDeadline: (_until: number, call: () => unknown) => call(),
    };
    const temporal = { client, target: { taskQueue: 'q', local: false } } as unknown as Temporal;
    await turn(ANN, id, 'before').taken;
    const ask = {
      plan: { kind: 'step', step: { skill: parseSkillId('test/echo') } },
      payload: 'Sochi',
      principal: ANN.principal,
      tenant: ANN.tenant,
      session: { id, keepLast: 12 },
    } as const;
    await expect(startRun(opened.ports, temporal, ask)).rejects.toThrow(failure.message);
    const { messages } = await openSession(opened.ports, ANN, id);
    expect(messages.map(({ content }) => content)).toEqual(['before', 'Sochi'].slice(0, count));
  });

  test('a session belongs to one caller of one tenant', async () => {
    const { id } = await createSession(opened.ports, ANN, { city: 'Sochi' });
    const forbidden = { code: 'session_forbidden' };
    await expect(turn(BOB, id).taken).rejects.toMatchObject(forbidden);
    await expect(checkSession(opened.ports, BOB, id)).rejects.toMatchObject(forbidden);
    const local = as('ann', { principal: { subject: 'ann', roles: [], via: 'local' } });
    await expect(turn(local, id).taken).rejects.toMatchObject(forbidden);
    const elsewhere = as('ann', { tenant: 'acme' });
    const refused = await Promise.all(
      [BOB, elsewhere].map((rights) =>
        openSession(opened.ports, rights, id).catch((error: unknown) => error),
      ),
    );
    const unknown = await openSession(opened.ports, BOB, 'none').catch((error: unknown) => error);
    for (const error of refused) {
      expect(error).toMatchObject({ code: 'session_not_found', message: `Unknown session "${id}"` });
    }
    expect(unknown).toMatchObject({ code: 'session_not_found' });
    await expect(openSession(opened.ports, ANN, '../x')).rejects.toMatchObject({ code: 'session_not_found' });
    await turn(elsewhere, id, 'another session').taken;
    expect((await openSession(opened.ports, ANN, id)).messages).toEqual([]);
    expect(await openSession(opened.ports, BOSS, id)).toMatchObject({ context: { city: 'Sochi' } });
  });

  test('lists the own sessions in pages, and removes them', async () => {
    const tenant = 'lists';
    const [ann, bob] = [as('ann', { tenant }), as('bob', { tenant })];
    for (const id of ['a1', 'a2', 'a3']) await turn(ann, id).taken;
    await turn(bob, 'a2b').taken;
    const first = await listSessions(opened.ports, ann, { limit: 2 });
    expect(first).toMatchObject({ items: [{ id: 'a1' }, { id: 'a2' }], next: 'a2' });
    const rest = await listSessions(opened.ports, ann, { limit: 2, after: first.next });
    expect(rest).toEqual({ items: [expect.objectContaining({ id: 'a3' })] });
    const actor = (rights: Rights) => ({ rights, way: 'cli' as const });
    await expect(removeSession(opened.ports, actor(bob), 'a1')).rejects.toMatchObject({
      code: 'session_not_found',
    });
    expect(await listSessions(opened.ports, bob, { limit: 1 })).toEqual({
      items: [expect.objectContaining({ id: 'a2b' })],
    });
    await removeSession(opened.ports, actor(ann), 'a1');
    await removeSession(opened.ports, actor(bossOf(tenant)), 'a2b');
    expect((await listSessions(opened.ports, bossOf(tenant), { limit: 9 })).items).toMatchObject([
      { id: 'a2' },
      { id: 'a3' },
    ]);
  });

  test('lists the own sessions without reading those of others, and names none of those', async () => {
    const { records } = opened.ports;
    const tenant = 'shared';
    const add = (caller: Rights, id: string) =>
      sessionRecords(records).update({ tenant, id }, () => newSession(caller, { id, at: isoTime(now) }));
    const [ann, bob, namesake] = [
      as('ann', { tenant }),
      as('bob', { tenant }),
      as('ann', { tenant, principal: { subject: 'ann', roles: [], via: 'local' } }),
    ];
    for (let number = 100; number < 150; number++) await add(bob, `b${number}`);
    await add(namesake, 'c1');
    await add(ann, 'c2');
    let read = 0;
    const list: typeof records.list = async (kind, page) => {
      const found = await records.list(kind, page);
      read += found.length;
      return found as never;
    };
    const { items, next } = await listSessions({ records: { ...records, list } }, ann, { limit: 1 });
    expect(items.map(({ id }) => id)).toEqual(['c2']);
    expect(next).toBeUndefined();
    expect(read).toBe(2);
  });

  test('storage gc removes those without a request since the retention, however long runs are kept', async () => {
    await turn(ANN, 'old').taken;
    now += 2 * 24 * 60 * 60 * 1000;
    await turn(ANN, 'new').taken;
    const { state, ports } = opened;
    const collector: CollectPorts = {
      ...state,
      journal: ports.journal,
      now: ports.now,
      contents: openContents(state.blobs),
      bundles: collectableBundles(tempFolder()),
    };
    const retention = { retentionDays: 1, idempotencyTtlSeconds: 3 * 24 * 60 * 60, signsRequests: true };
    const actor = { rights: BOSS, way: 'cli' as const };
    await collectStorage(collector, { ...retention, actor, isDryRun: false, onProgress: () => undefined });
    await expect(openSession(opened.ports, ANN, 'old')).rejects.toMatchObject({ code: 'session_not_found' });
    expect(await openSession(opened.ports, ANN, 'new')).toMatchObject({ id: 'new' });
  });
});

test('never reads more than a thousand sessions at once, however many a namesake has', async () => {
  const records = memoryRecords();
  const namesake = as('ann', { principal: { subject: 'ann', roles: [], via: 'local' } });
  const add = (caller: Rights, id: string) =>
    sessionRecords(records).update({ tenant: caller.tenant, id }, () =>
      newSession(caller, { id, at: '2026-01-02T03:04:05.000Z' }),
    );
  for (let number = 1000; number < 4000; number++) await add(namesake, `a${number}`);
  await add(as('ann'), 'b');
  let most = 0;
  const list: typeof records.list = (kind, page) => {
    most = Math.max(most, page?.limit ?? 0);
    return records.list(kind, page);
  };
  const { items } = await listSessions({ records: { ...records, list } }, as('ann'), { limit: 10 });
  expect(items.map(({ id }) => id)).toEqual(['b']);
  expect(most).toBe(1000);
});

function bossOf(tenant: string): Rights {
  return { ...BOSS, tenant };
}
