import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCatalog } from '../../../adapters/catalog/catalog.ts';
import { openCompositions } from '../../../adapters/catalog/composition-files.ts';
import { manifestEditor } from '../../../adapters/catalog/manifest-edit.ts';
import { composeSkill, rollbackComposition } from '../../../client/compositions/compositions.ts';
import type { CompositionPorts } from '../../../client/compositions/compositions.ts';
import type { CompositionTexts } from '../../../core/skills/composition-store.ts';
import type { Actor } from '../../../client/audit/authorize.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import { parseSteps } from '../../../core/plans/plan-steps.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aRights } from '../../support/builders.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { aManifest, writeFiles } from '../../support/write-files.ts';

const TRIP = parseSkillId('travel/trip');
const FILE = 'compositions/travel/trip.json';

function aRoot(rights = aRights()) {
  const root = tempFolder();
  writeFiles(root, {
    'metadata/s/a.yaml': aManifest('s/a'),
    'metadata/s/b.yaml': aManifest('s/b'),
    'metadata/s/c.yaml': aManifest('s/c'),
  });
  const journal = memoryJournal();
  const ports: CompositionPorts = {
    catalogs: openCatalog(root),
    compositions: openCompositions(root),
    editManifest: manifestEditor(root),
    journal,
    now: () => Date.parse('2026-01-02T03:04:05Z'),
  };
  const actor: Actor = { rights, way: 'cli' };
  return {
    root,
    ports,
    audited: async () => (await journal.read('audit/default')).entries,
    read: (file: string) => readFileSync(join(root, file), 'utf8'),
    compose: (...steps: readonly string[]) =>
      composeSkill(ports, actor, { id: TRIP, steps: parseSteps(steps) }),
    rollback: (version?: string) => rollbackComposition(ports, actor, { id: TRIP, version }),
    compositions: () => composeSkill.bind(undefined, ports, actor),
  };
}

describe('composeSkill', () => {
  test('writes composition, manifest and first version', async () => {
    const { compose, read, ports, audited } = aRoot();
    const made = { id: TRIP, version: '0.1.0', active: false, steps: [['s/a', 's/b'], 's/c'] };
    expect(await compose('s/a|s/b', 's/c')).toEqual(made);
    expect(JSON.parse(read(FILE))).toEqual(made);
    expect(JSON.parse(read('compositions/.versions/travel/trip/0.1.0.json'))).toEqual({
      id: TRIP,
      version: '0.1.0',
      steps: made.steps,
      created_at: '2026-01-02T03:04:05.000Z',
      created_by: 'ann',
      origin: 'composed',
    });
    expect((await ports.catalogs.load()).findings).toEqual([]);
    expect((await ports.catalogs.find(TRIP))?.manifest).toMatchObject({
      name: 'Trip',
      description: 'Composed skill for travel/trip',
      version: '0.1.0',
      tags: ['travel', 'composed'],
    });
    expect(await audited()).toMatchObject([
      {
        action: 'composition_created',
        skill: TRIP,
        after: { version: '0.1.0', active: false, steps: made.steps },
      },
    ]);
  });

  test('makes a new version each time, be the steps the same, and keeps what the manifest says', async () => {
    const { compose, read, root, ports, audited } = aRoot();
    await compose('s/a');
    const manifest = read('metadata/travel/trip.yaml').replace('name: Trip', 'name: My trip # mine');
    writeFileSync(join(root, 'metadata/travel/trip.yaml'), manifest);
    await compose('s/a');
    expect(await compose('s/b')).toMatchObject({ version: '0.1.2', active: false });
    expect(read('metadata/travel/trip.yaml')).toBe(manifest.replace('0.1.0', '0.1.2'));
    const versions = await ports.compositions.versions(TRIP);
    expect(versions.map(({ version, steps }) => [version, steps])).toEqual([
      ['0.1.0', ['s/a']],
      ['0.1.1', ['s/a']],
      ['0.1.2', ['s/b']],
    ]);
    expect((await audited()).at(-1)).toMatchObject({
      before: { version: '0.1.1', steps: ['s/a'] },
      after: { version: '0.1.2', steps: ['s/b'] },
    });
  });

  test('changes name and description where they are given', async () => {
    const { compositions, compose, ports } = aRoot();
    await compose('s/a');
    const texts = { name: 'Plan: a trip', description: 'From "here" to there # now' };
    await compositions()({ id: TRIP, steps: parseSteps(['s/b']), ...texts });
    expect((await ports.catalogs.find(TRIP))?.manifest).toMatchObject(texts);
  });

  test('keeps what somebody edited by hand before it is replaced', async () => {
    const { compose, root, ports } = aRoot();
    await compose('s/a');
    const edited = JSON.stringify({ id: TRIP, version: '0.1.0', active: true, steps: ['s/c'] });
    writeFileSync(join(root, FILE), edited);
    expect(await compose('s/b')).toMatchObject({ version: '0.1.2' });
    const versions = await ports.compositions.versions(TRIP);
    expect(versions.map(({ version, steps, origin }) => [version, steps, origin])).toEqual([
      ['0.1.0', ['s/a'], 'composed'],
      ['0.1.1', ['s/c'], 'edited by hand'],
      ['0.1.2', ['s/b'], 'composed'],
    ]);
  });

  test('gives everybody who composes at once a version of their own', async () => {
    const { compose, ports } = aRoot();
    const made = await Promise.all(Array.from({ length: 8 }, (_, n) => compose(n % 2 === 0 ? 's/a' : 's/b')));
    expect(new Set(made.map(({ version }) => version)).size).toBe(8);
    const kept = await ports.compositions.versions(TRIP);
    const present = (await ports.catalogs.find(TRIP))?.composition;
    expect(kept.at(-1)).toMatchObject({ version: '0.1.7', steps: present?.steps });
    expect(present?.version).toBe('0.1.7');
  });

  test.each<[string, readonly string[], string?, CompositionTexts?]>([
    ['unknown_skill', ['s/none']],
    ['composition_invalid', ['travel/trip']],
    ['already_exists', ['s/b'], 's/a'],
    ['manifest_invalid', ['s/b'], 's/broken'],
    ['usage', ['s/b'], 'travel/new', { name: 'a\u0007b' }],
    ['usage', ['s/b'], 'travel/new', { description: '' }],
  ])('refuses with %s and writes nothing: %j', async (code, steps, id = 'travel/trip', texts = {}) => {
    const { compositions, root } = aRoot();
    writeFiles(root, { 'metadata/s/broken.yaml': 'id: s/broken\nname: x\n' });
    const composing = compositions()({ id: parseSkillId(id), steps: parseSteps(steps), ...texts });
    await expect(composing).rejects.toMatchObject({ code });
    expect([existsSync(join(root, 'compositions')), readdirSync(join(root, 'metadata'))]).toEqual([
      false,
      ['s'],
    ]);
  });

  test('asks for the permission to write skills', async () => {
    const file = parsePermissionFile(JSON.stringify({ roles: {}, policies: [] }));
    const { compose, root } = aRoot(aRights({ file }));
    await expect(compose('s/a')).rejects.toMatchObject({ code: 'permission_denied' });
    expect(existsSync(join(root, 'compositions'))).toBe(false);
  });
});

describe('rollbackComposition', () => {
  test('makes a new version of an old content, which is not active', async () => {
    const { compose, rollback, audited } = aRoot();
    await compose('s/a');
    await compose('s/b');
    await compose('s/c');
    expect(await rollback('0.1.0')).toEqual({ id: TRIP, version: '0.1.3', active: false, steps: ['s/a'] });
    expect((await audited()).at(-1)).toMatchObject({
      action: 'composition_rolled_back',
      before: { version: '0.1.2' },
      after: { version: '0.1.3', steps: ['s/a'] },
    });
  });

  test('takes the latest other content where nobody names a version', async () => {
    const { compose, rollback } = aRoot();
    for (const step of ['s/a', 's/b', 's/b']) await compose(step);
    expect(await rollback()).toMatchObject({ version: '0.1.3', steps: ['s/a'] });
    expect(await rollback()).toMatchObject({ version: '0.1.4', steps: ['s/b'] });
  });

  test.each([
    ['unknown_version', TRIP, '0.9.0'],
    ['unknown_version', TRIP, undefined],
    ['unknown_composition', 's/a', undefined],
    ['unknown_skill', 's/none', undefined],
  ])('refuses with %s: %s %s', async (code, id, version) => {
    const { compose, ports } = aRoot();
    await compose('s/a');
    const actor: Actor = { rights: aRights(), way: 'cli' };
    const rolling = rollbackComposition(ports, actor, { id: parseSkillId(id), version });
    await expect(rolling).rejects.toMatchObject({ code });
  });

  test('refuses a content whose skills are gone', async () => {
    const { compose, rollback, root } = aRoot();
    await compose('s/a');
    await compose('s/b');
    writeFileSync(join(root, 'metadata/s/a.yaml'), aManifest('s/other'));
    await expect(rollback('0.1.0')).rejects.toMatchObject({ code: 'unknown_skill' });
  });

  test('stops at a version that somebody damaged', async () => {
    const { compose, rollback, root } = aRoot();
    await compose('s/a');
    writeFileSync(join(root, 'compositions/.versions/travel/trip/0.1.0.json'), '{"id": "travel/trip"}');
    await expect(rollback()).rejects.toMatchObject({
      code: 'state_corrupt',
      message: 'File "compositions/.versions/travel/trip/0.1.0.json" is not a version of a composition',
    });
  });
});
