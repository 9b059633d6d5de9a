import {
  diffVersions,
  listVersions,
  showVersion,
} from '../../../client/compositions/composition-versions.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import type { CompositionVersion } from '../../../core/skills/composition-version.ts';
import { aComposed, aComposition, aRights, aSkill } from '../../support/builders.ts';
import { catalogsOf, skillsOf } from '../../support/entries.ts';

const ID = parseSkillId('c/one');
const RIGHTS = aRights();

/** Versions 0.1.0 (s/a), 0.1.1 (s/b); `present` is what the file says now. */
function history(present: Readonly<Record<string, unknown>>) {
  const kept = ['s/a', 's/b'].map((step, index): CompositionVersion => ({
    id: ID,
    steps: aComposition('c/one', { steps: [step] }).steps,
    version: `0.1.${index}`,
    created_at: '2026-01-02T03:04:05.000Z',
    created_by: 'ann',
    origin: 'composed',
  }));
  return {
    catalogs: catalogsOf(skillsOf(aComposed('c/one', present), aSkill('s/a'))),
    compositions: {
      exclusively: (_: unknown, work: () => never) => work(),
      versions: async () => kept,
      keep: async () => undefined,
      create: async () => undefined,
      replace: async () => undefined,
    },
  };
}

describe('listVersions', () => {
  test.each([
    ['active', { version: '0.1.1', steps: ['s/b'] }, ['', 'active'], false],
    ['current', { version: '0.1.1', steps: ['s/b'], active: false }, ['', 'current'], false],
    ['edited by hand', { version: '0.1.1', steps: ['s/c'] }, ['', ''], true],
  ])('says which one is %s', async (_, present, states, handEdited) => {
    const listed = await listVersions(history(present), RIGHTS, ID);
    expect([listed.items.map(({ state }) => state), listed.handEdited]).toEqual([states, handEdited]);
  });
});

describe('showVersion', () => {
  const present = { version: '0.1.1', steps: ['s/b'] };

  test.each([
    ['the present one', present, undefined, ['s/b'], true],
    ['it by its number', present, '0.1.1', ['s/b'], true],
    ['an old one', present, '0.1.0', ['s/a'], false],
    ['the kept one where it was edited', { ...present, steps: ['s/c'] }, '0.1.1', ['s/b'], false],
  ])('shows %s', async (_, fields, version, steps, active) => {
    const { shown, ...rest } = await showVersion(history(fields), RIGHTS, { id: ID, version });
    expect([shown.steps, rest.active]).toEqual([steps, active]);
  });

  test.each([
    ['unknown_skill', 'c/none', RIGHTS],
    ['unknown_composition', 's/a', RIGHTS],
    [
      'unknown_skill',
      'c/one',
      aRights({
        file: parsePermissionFile(
          JSON.stringify({ roles: {}, policies: [{ skill_id: 'c/*', required_permissions: ['c:read'] }] }),
        ),
      }),
    ],
  ])('refuses with %s', async (code, id, rights) => {
    const showing = showVersion(history(present), rights, { id: parseSkillId(id), version: undefined });
    await expect(showing).rejects.toMatchObject({ code });
  });
});

describe('diffVersions', () => {
  test.each([
    [undefined, undefined, '0.1.0', '0.1.1'],
    ['0.1.1', '0.1.0', '0.1.1', '0.1.0'],
    ['0.1.1', undefined, '0.1.1', '0.1.1'],
  ])('compares %s and %s', async (from, to, before, after) => {
    const diff = await diffVersions(history({ version: '0.1.1', steps: ['s/b'] }), RIGHTS, {
      id: ID,
      from,
      to,
    });
    expect([diff.from, diff.to]).toEqual([before, after]);
  });

  test('tells what changed', async () => {
    const ask = { id: ID, from: '0.1.0', to: undefined };
    const { changes } = await diffVersions(history({ version: '0.1.1', steps: ['s/b'] }), RIGHTS, ask);
    expect(changes).toEqual([
      { change: 'removed', step: 's/a' },
      { change: 'added', step: 's/b' },
    ]);
  });
});
