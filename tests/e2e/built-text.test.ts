/** Text of the built program outside ASCII: in requests, in messages and in pages. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile } from '../../adapters/machine/package.ts';
import { openApi } from '../support/api.ts';
import type { TestApi } from '../support/api.ts';
import { serveBuilt } from '../support/built-server.ts';
import type { BuiltServer } from '../support/built-server.ts';
import { deadAddress } from '../support/dead-address.ts';
import { skillos } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { aManifest, writeFiles } from '../support/write-files.ts';

const root = tempFolder();
let env: Readonly<Record<string, string>>;
let built: BuiltServer;
/** The same API from the sources. */
let sources: TestApi;

beforeAll(async () => {
  for (const part of ['metadata', 'implementations']) {
    cpSync(packageFile(join('skills', part)), join(root, part), { recursive: true });
  }
  writeFiles(root, {
    'metadata/test/take.yaml': aManifest('test/take'),
    'implementations/test/take.ts': 'export const run = (payload: string) => payload;\n',
  });
  env = { SKILLOS_ROOT: root, SKILLOS_CACHE_DIR: tempFolder(), TEMPORAL_ADDRESS: await deadAddress() };
  [built, sources] = await Promise.all([serveBuilt(env), openApi(root)]);
});

afterAll(() => Promise.all([built.close(), sources.close()]));

const preview = (payload: string) => ['/skills/test/take/run', { payload, dry_run: true }] as const;

test.each([
  ['удали запись', 'удалить'],
  ['сотри журнал', 'стереть'],
  ['стирает журнал', 'стирать'],
  ['очистка журналов', 'очистить'],
  ['уничтожь копии', 'уничтожить'],
  ['убрать пользователя', 'убрать'],
  ['снеси базу', 'снести'],
  ['обнуление остатков', 'обнулить'],
  ['массовое обновление цен', 'массово обновить'],
  ['обновить все записи', 'обновить все'],
  ['стёртые данные', 'стереть'],
  ['ＤＥＬＥＴＥ it', 'delete'],
  ['Lösche alle Einträge', 'löschen'],
  ['Видали все', 'видалити'],
  ['delete all records', 'delete'],
])('the built server has people approve %j, because it says %s', async (payload, says) => {
  const { body } = await built.post(...preview(payload));
  expect(body['approval']).toMatchObject({
    policy: 'high_risk',
    reasons: [`the input: the text says "${says}"`],
  });
});

test.each(['найди удалённую работу', 'обнови цену', 'Lösung für Köln', 'Знайди їжу', 'remote work'])(
  'the built server runs %j without approval',
  async (payload) => {
    const { body } = await built.post(...preview(payload));
    expect([body['status'], body['approval']]).toEqual(['dry_run', undefined]);
  },
);

test.each([
  ['Find flights to Sochi', 'travel/search_flights'],
  ['Найди рейсы в Сочи', 'travel/search_flights'],
  ['Знайди рейси до Сочі', 'travel/search_flights'],
  ['Finde Flüge nach Sotschi', 'travel/search_flights'],
  ['Zeige Hotels für Berlin', 'travel/search_hotels'],
])('the built server routes %j to %s, as confident as the sources', async (query, skill) => {
  const [ours, theirs] = await Promise.all([built.post('/run', { query }), sources.post('/run', { query })]);
  expect(ours.body).toMatchObject({ status: 'routed', skill });
  expect(ours.body['routing']).toEqual(theirs.body['routing']);
});

test('the built command line says that a request in Russian needs approval', async () => {
  const argv = ['run-skill', 'test/take', '--payload', 'обновить все записи', '--dry-run'];
  const { code, stdout } = await skillos(argv, { env });
  expect(code).toBe(0);
  expect(stdout).toContain('    input: обновить все записи\n');
  expect(stdout).toContain('approval: high_risk (the input: the text says "обновить все")\n');
});

test('pages of the built server are UTF-8', async () => {
  const { headers, text } = await built.get('/ui/runs');
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(text).toContain('<title>Runs – SkillOS</title>');
  expect(text).not.toMatch(/[âÃ\uFFFD]/);
});

test('help and messages of the built program are those of the sources', async () => {
  const { stdout } = await skillos(['run-skill', '--help'], { env });
  expect(stdout).toContain('Retries of a failing step, instead of the manifest’s');
  expect(stdout).toContain('--payload …');
  const { stderr } = await skillos(['run-skill', 'путь/имя'], { env });
  expect(stderr).toContain('"путь/имя"');
});
