import { findForPlan, findSkill, findWithComponents, placeOf } from '../../../core/skills/find-skill.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aComposed, aSkill } from '../../support/builders.ts';
import { anEntry, catalogsOf, skillsOf } from '../../support/entries.ts';

const skills = skillsOf(anEntry('travel/search_flights'));
const broken = {
  severity: 'error',
  rule: 'field_missing',
  file: 'metadata/a/b.yaml',
  message: 'missing: expected text',
} as const;

describe('findSkill', () => {
  test('gives the skill', async () => {
    const id = parseSkillId('travel/search_flights');
    expect(await findSkill(catalogsOf(skills), id)).toBe(skills.get(id));
  });

  test.each([
    ['travel/search_flight', { hint: 'Did you mean: travel/search_flights' }],
    ['admin/x', { hint: undefined }],
  ])('rejects %s as unknown, and suggests a near id', async (id, more) => {
    await expect(findSkill(catalogsOf(skills), parseSkillId(id))).rejects.toMatchObject({
      code: 'unknown_skill',
      message: `Unknown skill "${id}"`,
      ...more,
    });
  });

  test('suggests no skill that may not be named', async () => {
    const id = parseSkillId('travel/search_flight');
    const rejection = findSkill(catalogsOf(skills), id, (entry) => entry.id !== 'travel/search_flights');
    await expect(rejection).rejects.toMatchObject({ code: 'unknown_skill', hint: undefined });
  });

  test.each([
    ['at the path of the id', { ...broken, line: 3, field: 'name' }, 'metadata/a/b.yaml:3 name: missing'],
    [
      'that names the id',
      { ...broken, file: 'metadata/x.yaml', skill: 'a/b' },
      'metadata/x.yaml field_missing: missing',
    ],
  ])('reports a file %s', async (_, finding, message) => {
    const warning = { ...broken, severity: 'warning' } as const;
    await expect(
      findSkill(catalogsOf(skills, [warning, finding]), parseSkillId('a/b')),
    ).rejects.toMatchObject({
      code: 'manifest_invalid',
      message: expect.stringContaining(message),
    });
  });
});

describe('placeOf', () => {
  test('names file, line and field as far as they are known', () => {
    expect(placeOf(broken)).toBe('metadata/a/b.yaml field_missing:');
    expect(placeOf({ ...broken, line: 2, field: 'name' })).toBe('metadata/a/b.yaml:2 name:');
  });
});

const COMPOSED = catalogsOf(
  skillsOf(
    aSkill('s/a'),
    aSkill('s/b'),
    aSkill('s/c'),
    aComposed('c/inner', { steps: ['s/a', ['s/b', 's/none']] }),
    aComposed('c/outer', { steps: ['c/inner', 's/a'] }),
    aComposed('c/circle', { steps: ['c/circle', 's/c'] }),
  ),
);

describe('findWithComponents', () => {
  test.each([
    [['s/a', 's/none'], ['s/a']],
    [['c/inner'], ['c/inner', 's/a', 's/b']],
    [
      ['c/outer', 's/c'],
      ['c/outer', 's/c', 'c/inner', 's/a', 's/b'],
    ],
    [['c/circle'], ['c/circle', 's/c']],
    [[], []],
  ])('finds %j with all they are made of: %j', async (ids, expected) => {
    const found = await findWithComponents(COMPOSED, ids.map(parseSkillId));
    expect(found.map(({ id }) => id)).toEqual(expected);
  });
});

describe('findForPlan', () => {
  test('finds the rollback skills of the plan too, and omits those that are missing', async () => {
    const known = skillsOf(
      aSkill('a/do', { rollback: 'a/undo' }),
      aSkill('a/undo'),
      aSkill('a/lone', { rollback: 'a/gone' }),
      aSkill('a/plain'),
    );
    const plans = ['a/do', 'a/lone', 'a/plain'].map(
      (id) => ({ kind: 'step', step: { skill: parseSkillId(id) } }) as const,
    );
    const found = await findForPlan(catalogsOf(known), { kind: 'sequence', plans });
    expect(found.map(({ id }) => id)).toEqual(['a/do', 'a/lone', 'a/plain', 'a/undo']);
  });
});
