/** Feedback at the built command line and over HTTP, on files and on Postgres. */
import { openApi } from '../support/api.ts';
import type { TestApi } from '../support/api.ts';
import { rootWith } from '../support/deployment.ts';
import { startPostgres } from '../support/postgres.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';
import { runCli } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ECHO = 'export const run = (text: string) => text;';
const SKILLS = {
  'travel/search_flights': { code: ECHO, manifest: 'tags: [flights]\n' },
  'travel/search_hotels': { code: ECHO, manifest: 'tags: [hotels]\n' },
  'travel/plan_trip': { code: ECHO, manifest: 'tags: [weekend, city]\n' },
};
const QUERY = 'a weekend in the city of Sochi';

const STORAGES: readonly (readonly [string, () => Promise<Readonly<Record<string, string>>>])[] = [
  ['files', async () => ({})],
  [
    'Postgres',
    async () => ({
      SKILLOS_STORAGE_BACKEND: 'postgres',
      SKILLOS_POSTGRES_DSN: (await startPostgres()).dsn,
    }),
  ],
];

describe.each(STORAGES)('on %s', (_, settingsOf) => {
  let api: TestApi;
  let cli: (...argv: readonly string[]) => ReturnType<typeof runCli>;

  beforeAll(async () => {
    const settings = await settingsOf();
    const root = rootWith(SKILLS);
    const env = { ...settings, SKILLOS_ROOT: root, SKILLOS_CACHE_DIR: tempFolder(), USER: 'ann' };
    cli = (...argv) => runCli(argv, { env });
    api = await openApi(root, { settings });
  }, PROCESSES_TIMEOUT_MS);

  afterAll(async () => {
    expect(api.faults).toEqual([]);
    await api.close();
  });

  const routedOverHttp = async (query: string) => (await api.post('/run', { query })).body;

  test(
    'a correction counts for the next query of every process, until it is undone',
    async () => {
      const before = await routedOverHttp(QUERY);
      expect(before).toMatchObject({ skill: 'travel/plan_trip' });
      const argv = ['feedback', 'travel/plan_trip', '--expected-skill-id', 'travel.search_hotels'];
      const given = await cli(...argv, '--query', QUERY);
      expect(given).toMatchObject({
        code: 0,
        stdout: 'feedback_recorded: travel/plan_trip, travel/search_hotels\n',
      });
      expect(await routedOverHttp(`${QUERY}!`)).toMatchObject({
        status: 'routed',
        skill: 'travel/search_hotels',
        routing: { confidence: 0.95, reasons: ['corrected by feedback'] },
      });
      expect(await cli('run', QUERY)).toMatchObject({ code: 0, stdout: 'travel/search_hotels\n' });
      const listed = await api.get('/feedback');
      expect(listed.body).toMatchObject({
        schema: 'skillos.feedback_list/v1',
        items: [{ skill: 'travel/plan_trip', expected: 'travel/search_hotels', query: QUERY, source: 'cli' }],
        skills: { 'travel/plan_trip': { confidence: 0.45, positive: 0, negative: 1 } },
      });
      const [{ id }] = listed.body['items'] as unknown as readonly [{ readonly id: string }];
      expect((await api.post(`/feedback/${id}/undo`, {})).body).toMatchObject({ id, undone: true });
      expect(await routedOverHttp(QUERY)).toEqual(before);
      expect(await cli('feedback', 'undo', id)).toMatchObject({ code: 2, stdout: '' });
      expect(await cli('feedback', 'list')).toMatchObject({ code: 0, stdout: 'no_feedback\n' });
    },
    PROCESSES_TIMEOUT_MS,
  );

  test('the last query of the caller is meant where none is named', async () => {
    await cli('run', 'search flights');
    const { stdout } = await cli('feedback', 'travel/search_flights', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ skill: 'travel/search_flights', query: 'search flights' });
  });

  test('a query without words cannot be remembered', async () => {
    expect(await cli('feedback', 'travel/search_flights', '--query', '🦊')).toMatchObject({
      code: 0,
      stderr: 'note: the query has no words that could be remembered, so the weights alone have changed\n',
    });
  });

  test('of 200 entries at once none is lost', async () => {
    const { body: before } = await api.get('/feedback');
    const had = (before['items'] as readonly object[]).length;
    const replies = await Promise.all(
      Array.from({ length: 200 }, (__, number) =>
        api.post('/feedback', { skill_id: 'travel/plan_trip', query: `${QUERY} number ${number}` }),
      ),
    );
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 201));
    const { body } = await api.get('/feedback');
    const ids = (body['items'] as unknown as readonly { readonly id: string }[]).map(({ id }) => id);
    expect(new Set(ids).size).toBe(had + 200);
    expect(body['skills']).toMatchObject({ 'travel/plan_trip': { positive: 200, negative: 0 } });
    const { body: page } = await api.get(`/feedback?limit=2&after=${ids[0]}`);
    expect(page).toMatchObject({ items: [{ id: ids[1] }, { id: ids[2] }], next: ids[2] });
    const listed = await cli('feedback', 'list', '--limit', '1', '--after', String(ids[1]), '--json');
    expect(JSON.parse(listed.stdout)).toMatchObject({ items: [{ id: ids[2] }], next: ids[2] });
    expect(listed.stderr).toBe(`more: skillos feedback list --after ${ids[2]}\n`);
  });

  test.each([
    [{}, 422, 'request_invalid'],
    [{ skill_id: 'nowhere/nothing' }, 404, 'unknown_skill'],
    [{ skill_id: 'no id' }, 400, 'invalid_skill_id'],
    [{ skill_id: 'travel/plan_trip', query: ' ' }, 400, 'feedback_invalid'],
    [{ skill_id: 'travel/plan_trip', run_id: 'x' }, 404, 'unknown_run'],
  ])('refuses %j with %i %s', async (json, status, code) => {
    const reply = await api.post('/feedback', json);
    expect([reply.status, reply.body['code']]).toEqual([status, code]);
  });
});
