/** Experiments on both storages, in this process. */
import { openState } from '../../../adapters/storage/state.ts';
import type { State } from '../../../adapters/storage/state.ts';
import { optimize, showExperiment } from '../../../client/learning/experiments.ts';
import { parseGuards } from '../../../core/learning/guards.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import type { SkillEntry } from '../../../core/skills/catalog.ts';
import { parseConfig } from '../../../core/settings/config.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aRights, aSkill } from '../../support/builders.ts';
import { catalogsOf, skillsOf } from '../../support/entries.ts';
import { startPostgres } from '../../support/postgres.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const FLIGHTS = parseSkillId('travel/search_flights');
const HOTELS = parseSkillId('travel/search_hotels');
const RULES = { minSamples: 5, winDelta: 0.1, rollbackDelta: 0.1, guards: parseGuards([]) };
const TWO = { skill: FLIGHTS, variants: ['v1', 'v2'], results: [], rules: RULES, apply: false };
const TRAINS = parseSkillId('travel/search_trains');
const FAST = 'implementations.travel.fast:run';

const actorWith = (rights: Parameters<typeof aRights>[0]) => ({
  rights: aRights(rights),
  way: 'cli' as const,
});
const ANN = actorWith({});
const times = (count: number, result: string) => Array.from({ length: count }, () => result);

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
  let state: State;

  beforeAll(async () => {
    state = openState(parseConfig({ ...(await settingsOf()), SKILLOS_ROOT: tempFolder() }));
  });

  afterAll(() => state.close());

  const portsOf = () => ({
    ...state,
    catalogs: catalogsOf(
      skillsOf(
        aSkill(FLIGHTS),
        aSkill(HOTELS, { permissions: ['hotels'] }),
        aSkill(TRAINS, { variants: { slow: {}, fast: { entrypoint: FAST } } }),
      ),
    ),
    edits: [] as (readonly [string, object])[],
    async editManifest(this: { edits: (readonly [string, object])[] }, { id }: SkillEntry, changes: object) {
      this.edits.push([id, changes]);
    },
    checkCode: ({ manifest }: SkillEntry) => Promise.resolve(manifest.entrypoint),
    now: () => Date.parse('2026-01-02T03:04:05Z'),
  });

  test('results add up over calls until they promote, and later roll back', async () => {
    const ports = portsOf();
    const decide = async (...results: readonly string[]) => {
      const { verdict, experiment } = await optimize(ports, ANN, { ...TWO, results });
      return [verdict.action, experiment.active];
    };
    expect(await decide('v1:success', 'v2:failure')).toEqual(['no_action', 'v1']);
    expect(await decide(...times(10, 'v2:success'), ...times(10, 'v1:failure'))).toEqual(['promote', 'v2']);
    expect(await decide()).toEqual(['no_action', 'v2']);
    expect(await decide(...times(200, 'v2:failure'), ...times(9, 'v1:success'))).toEqual(['rollback', 'v1']);
    expect(await decide()).toEqual(['no_action', 'v1']);
    const shown = await showExperiment(ports, ANN, FLIGHTS);
    expect(shown.results.get('v2')).toMatchObject({ successes: 10, failures: 201 });
    expect(shown.experiment.decisions.map(({ action }) => action)).toEqual(['promote', 'rollback']);
    const { entries } = await state.journal.read('audit/default');
    expect(entries.map(({ action }) => action)).toEqual([
      'experiment_results_added',
      'experiment_results_added',
      'experiment_promoted',
      'experiment_results_added',
      'experiment_rolled_back',
    ]);
  });

  test('of 100 results at once none is lost, and one promotion is recorded', async () => {
    const ports = portsOf();
    const tenant = actorWith({ tenant: 'acme' });
    await Promise.all(
      Array.from({ length: 50 }, () =>
        optimize(ports, tenant, { ...TWO, results: ['v1:failure', 'v2:success'] }),
      ),
    );
    const { results, experiment } = await showExperiment(ports, tenant, FLIGHTS);
    expect(Object.fromEntries(results)).toMatchObject({
      v1: { successes: 0, failures: 50 },
      v2: { successes: 50, failures: 0 },
    });
    expect(experiment).toMatchObject({ active: 'v2', decisions: [{ action: 'promote' }] });
  });

  test('variants of a manifest need not be named, and a promoted one is written to it on request', async () => {
    const ports = portsOf();
    const ask = { ...TWO, skill: TRAINS, variants: [], apply: true };
    expect((await showExperiment(ports, ANN, TRAINS)).experiment.variants).toEqual(['slow', 'fast']);
    await expect(optimize(ports, ANN, ask)).resolves.toMatchObject({ isApplied: false });
    expect(ports.edits).toEqual([]);
    const results = [...times(9, 'slow:failure'), ...times(9, 'fast:success')];
    await expect(optimize(ports, ANN, { ...ask, results })).resolves.toMatchObject({ isApplied: true });
    expect(ports.edits).toEqual([
      [TRAINS, { entrypoint: FAST, description: expect.any(String) as string, variants: undefined }],
    ]);
  });

  test('a variant whose code is missing gets no results', async () => {
    const tenant = actorWith({ tenant: 'missing' });
    const missing = new SkillosError('entrypoint_invalid', 'Entrypoint names no file');
    const checkCode = async ({ variant }: SkillEntry) => {
      expect(variant).toBe('fast'); // the other one has the code of the skill
      throw missing;
    };
    const ask = { ...TWO, skill: TRAINS, variants: [], results: times(9, 'fast:success') };
    await expect(optimize({ ...portsOf(), checkCode }, tenant, ask)).rejects.toBe(missing);
    const { results } = await showExperiment(portsOf(), tenant, TRAINS);
    expect(results.size).toBe(0);
    expect(await state.records.get('experiments', 'missing.travel.search_trains')).toBeUndefined();
  });

  test('a variant whose code has gone missing is left for another one', async () => {
    const tenant = actorWith({ tenant: 'gone' });
    const ask = { ...TWO, skill: TRAINS, variants: [] };
    const promote = [...times(9, 'fast:success'), ...times(9, 'slow:failure')];
    await expect(optimize(portsOf(), tenant, { ...ask, results: promote })).resolves.toMatchObject({
      verdict: { action: 'promote' },
    });
    const missing = new SkillosError('entrypoint_invalid', 'Entrypoint names no file');
    const ports = { ...portsOf(), checkCode: () => Promise.reject(missing) };
    const leave = [...times(200, 'fast:failure'), ...times(9, 'slow:success')];
    await expect(optimize(ports, tenant, { ...ask, results: leave })).resolves.toMatchObject({
      verdict: { action: 'rollback' },
    });
  });

  test('variants that were promoted before the manifest had others are not written to it', async () => {
    const ports = portsOf();
    const tenant = actorWith({ tenant: 'later' });
    const results = [...times(9, 'v1:failure'), ...times(9, 'v2:success')];
    await expect(optimize(ports, tenant, { ...TWO, results })).resolves.toMatchObject({
      verdict: { action: 'promote' },
    });
    const catalogs = catalogsOf(
      skillsOf(aSkill(FLIGHTS, { variants: { v3: {}, v4: { entrypoint: FAST } } })),
    );
    await expect(
      optimize({ ...ports, catalogs }, tenant, { ...TWO, variants: [], apply: true }),
    ).resolves.toMatchObject({ experiment: { active: 'v2' }, isApplied: false });
    expect(ports.edits).toEqual([]);
  });

  test.each([
    [{ skill: TRAINS, variants: ['slow', 'v9'] }, 'experiment_invalid'],
    [{ apply: true }, 'experiment_invalid'],
    [{ variants: ['v1'] }, 'experiment_invalid'],
    [{ variants: ['v1', 'v2'], baseline: 'v3' }, 'experiment_invalid'],
    [{ results: ['v1:success', 'v9:x'] }, 'experiment_invalid'],
    [{ results: ['v1:success', 'v1:perhaps'] }, 'experiment_invalid'],
    [{ skill: parseSkillId('no/thing') }, 'unknown_skill'],
    [{ skill: HOTELS }, 'unknown_skill'], // hidden from the caller
  ])('refuses %j and writes nothing', async (wrong, code) => {
    const ports = portsOf();
    const file = parsePermissionFile(
      JSON.stringify({ roles: { author: ['skills:write', 'runs:read'] }, policies: [] }),
    );
    const author = actorWith({
      tenant: 'new',
      file,
      principal: { subject: 'ann', roles: ['author'], via: 'local' },
    });
    await expect(optimize(ports, author, { ...TWO, ...wrong })).rejects.toMatchObject({ code });
    await expect(showExperiment(ports, author, FLIGHTS)).rejects.toMatchObject({
      code: 'unknown_experiment',
    });
    expect((await state.journal.read(`experiments/new/${FLIGHTS}`)).entries).toEqual([]);
  });

  test('refuses who lacks the permission', async () => {
    const file = parsePermissionFile(JSON.stringify({ roles: { none: [] }, policies: [] }));
    const nobody = actorWith({ file, principal: { subject: 'bob', roles: ['none'], via: 'local' } });
    const denied = { code: 'permission_denied' };
    await expect(optimize(portsOf(), nobody, TWO)).rejects.toMatchObject(denied);
    await expect(showExperiment(portsOf(), nobody, FLIGHTS)).rejects.toMatchObject(denied);
  });
});
