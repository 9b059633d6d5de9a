import { findSkill, placeOf } from '../../core/find-skill.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import { anEntry, catalogsOf, skillsOf } from '../support/entries.ts';

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
  ])('rejects %s as unknown, with the nearest id where one is near', async (id, more) => {
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
  ])('tells what is wrong with a file %s', async (_, finding, message) => {
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
