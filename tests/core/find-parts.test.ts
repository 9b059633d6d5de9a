import { findWithParts } from '../../core/find-parts.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import { aComposed, aSkill } from '../support/builders.ts';
import { catalogsOf, skillsOf } from '../support/entries.ts';

const CATALOGS = catalogsOf(
  skillsOf(
    aSkill('s/a'),
    aSkill('s/b'),
    aSkill('s/c'),
    aComposed('c/inner', { steps: ['s/a', ['s/b', 's/none']] }),
    aComposed('c/outer', { steps: ['c/inner', 's/a'] }),
    aComposed('c/circle', { steps: ['c/circle', 's/c'] }),
  ),
);

describe('findWithParts', () => {
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
    const found = await findWithParts(CATALOGS, ids.map(parseSkillId));
    expect(found.map(({ id }) => id)).toEqual(expected);
  });
});
