import { mayRunWhole } from '../../../client/skills/run-rights.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import { aComposed, aRights, aSkill } from '../../support/builders.ts';
import { catalogsOf, skillsOf } from '../../support/entries.ts';

const A = aSkill('s/a', { permissions: ['a:run'] });
const B = aSkill('s/b', { permissions: ['b:run'] });
const INNER = aComposed('c/inner', { steps: ['s/b'] });
const OUTER = aComposed('c/outer', { steps: ['s/a', 'c/inner'] }, { permissions: ['c:run'] });
const CATALOGS = catalogsOf(skillsOf(A, B, INNER, OUTER));

function rightsTo(...permissions: readonly string[]) {
  const file = parsePermissionFile(JSON.stringify({ roles: { author: permissions }, policies: [] }));
  return aRights({ file, principal: { subject: 'ann', roles: ['author'], via: 'local' } });
}

describe('mayRunWhole', () => {
  test.each([
    ['a skill by itself', A, ['a:run'], true],
    ['not a skill that is not allowed', A, ['b:run'], false],
    ['a composition with all its parts', OUTER, ['a:run', 'b:run', 'c:run'], true],
    ['not without its own', OUTER, ['a:run', 'b:run'], false],
    ['not without those of a part', OUTER, ['b:run', 'c:run'], false],
    ['not without those of a part of a part', OUTER, ['a:run', 'c:run'], false],
  ])('allows %s', async (_, entry, permissions, expected) => {
    expect((await mayRunWhole(CATALOGS, rightsTo(...permissions), entry)).isAllowed).toBe(expected);
  });

  test('explains every part', async () => {
    const { explain } = await mayRunWhole(CATALOGS, rightsTo('*'), OUTER);
    expect(explain.join('\n')).toMatch(/c:run[\s\S]*a:run[\s\S]*b:run/);
  });
});
