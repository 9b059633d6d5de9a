import { deprecateSkill, listSkills, showSkill, undeprecateSkill } from '../../../client/skills/skills.ts';
import type { ManifestPorts } from '../../../client/skills/skills.ts';
import type { Actor } from '../../../client/audit/authorize.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import type { EditManifest } from '../../../core/skills/catalog.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aRights } from '../../support/builders.ts';
import { anEntry, catalogsOf, skillsOf } from '../../support/entries.ts';
import { memoryJournal } from '../../support/memory-journal.ts';

const ENTRIES = [
  anEntry('travel/search_flights', { tags: ['travel'] }),
  anEntry('admin/list_users', { tags: ['admin'], permissions: ['admin:read'] }),
  anEntry('travel/find_trains', { deprecated: true, deprecation_reason: 'no timetable' }),
];
const FLIGHTS = parseSkillId('travel/search_flights');
const TRAINS = parseSkillId('travel/find_trains');
const NO_FILE = aRights();
const STRICT = aRights({ file: parsePermissionFile(JSON.stringify({ roles: {}, policies: [] })) });

function manifests(rights = NO_FILE) {
  const edits: Parameters<EditManifest>[] = [];
  const journal = memoryJournal();
  const ports: ManifestPorts = {
    catalogs: catalogsOf(skillsOf(...ENTRIES)),
    journal,
    now: () => 0,
    editManifest: async (...edit) => void edits.push(edit),
  };
  const actor: Actor = { rights, way: 'api', requestId: 'request-1' };
  return { ports, actor, edits, audited: async () => (await journal.read('audit/default')).entries };
}

describe('listSkills', () => {
  test.each([
    [NO_FILE, { tags: [], withDeprecated: false }, ['admin/list_users', 'travel/search_flights']],
    [NO_FILE, { tags: ['travel', 'x'], withDeprecated: false }, ['travel/search_flights']],
    [STRICT, { tags: [], withDeprecated: true }, ['travel/find_trains', 'travel/search_flights']],
  ])('shows what the caller may run', async (rights, filter, expected) => {
    const { items } = await listSkills(catalogsOf(skillsOf(...ENTRIES)), rights, filter);
    expect(items.map(({ id }) => id)).toEqual(expected);
  });

  test('counts the files that do not load once each', async () => {
    const finding = { severity: 'error', rule: 'x', file: 'metadata/a/b.yaml', message: 'm' } as const;
    const catalogs = catalogsOf(skillsOf(), [
      finding,
      finding,
      { ...finding, severity: 'warning', file: 'c' },
    ]);
    expect(await listSkills(catalogs, NO_FILE, { tags: [], withDeprecated: false })).toEqual({
      items: [],
      broken: 1,
    });
  });
});

describe('showSkill', () => {
  test('knows no skill that the caller may not run', async () => {
    const shown = showSkill(catalogsOf(skillsOf(...ENTRIES)), STRICT, parseSkillId('admin/list_users'));
    await expect(shown).rejects.toMatchObject({ code: 'unknown_skill' });
  });
});

describe('deprecateSkill', () => {
  test('edits the manifest and leaves an entry of who did what', async () => {
    const { ports, actor, edits, audited } = manifests();
    const document = await deprecateSkill(ports, actor, { id: FLIGHTS, reason: 'old' });
    expect(document).toEqual({
      schema: 'skillos.deprecation/v1',
      skill: FLIGHTS,
      deprecated: true,
      file: 'metadata/travel/search_flights.yaml',
    });
    expect(edits).toEqual([[ENTRIES[0], { deprecated: true, deprecation_reason: 'old' }]]);
    expect(await audited()).toEqual([
      expect.objectContaining({
        actor: { subject: 'ann', roles: [], via: 'local' },
        action: 'skill_deprecated',
        way: 'api',
        request_id: 'request-1',
        skill: FLIGHTS,
        before: { deprecated: false },
        after: { deprecated: true, deprecation_reason: 'old' },
      }),
    ]);
  });

  test('is refused without the permission: nothing is changed, and the attempt is on record', async () => {
    const { ports, actor, edits, audited } = manifests(STRICT);
    await expect(deprecateSkill(ports, actor, { id: FLIGHTS, reason: 'old' })).rejects.toMatchObject({
      code: 'permission_denied',
    });
    expect(edits).toEqual([]);
    expect(await audited()).toEqual([
      expect.objectContaining({
        action: 'operation_denied',
        reason: 'permission_denied',
        policy: 'SkillOS itself',
        skill: FLIGHTS,
        after: { operation: 'skills:write' },
      }),
    ]);
  });

  test('takes no replacement that is out of use itself', async () => {
    const { ports, actor } = manifests();
    await expect(deprecateSkill(ports, actor, { id: FLIGHTS, replacement: TRAINS })).rejects.toMatchObject({
      code: 'replacement_invalid',
    });
  });
});

describe('undeprecateSkill', () => {
  test('removes what said that the skill is out of use', async () => {
    const { ports, actor, edits, audited } = manifests();
    await undeprecateSkill(ports, actor, TRAINS);
    expect(edits).toEqual([
      [ENTRIES[2], { deprecated: false, deprecation_reason: undefined, replacement_id: undefined }],
    ]);
    expect(await audited()).toMatchObject([
      { action: 'skill_undeprecated', before: { deprecated: true, deprecation_reason: 'no timetable' } },
    ]);
  });

  test('changes nothing of a skill in use', async () => {
    const { ports, actor, edits, audited } = manifests();
    expect(await undeprecateSkill(ports, actor, FLIGHTS)).toMatchObject({ deprecated: false });
    expect([edits, await audited()]).toEqual([[], []]);
  });
});
