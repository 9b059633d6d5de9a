import { checkReplacement } from '../../../core/skills/deprecation.ts';
import { isReplacedBy, reviewLinks } from '../../../core/skills/skill-links.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aComposed } from '../../support/builders.ts';
import { anEntry, skillsOf } from '../../support/entries.ts';

const [A, B, C] = ['a/a', 'b/b', 'c/c'].map(parseSkillId) as [never, never, never];
const OLD = { deprecated: true, deprecation_reason: 'old' };

describe('reviewLinks', () => {
  test('finds nothing in skills that refer to skills in use', () => {
    const skills = skillsOf(
      anEntry(A, { deprecated: true, replacement_id: B, rollback: C }),
      anEntry(B),
      anEntry(C),
    );
    expect(reviewLinks(skills)).toEqual([]);
  });

  test.each([
    ['replacement_unknown', 'warning', [anEntry(A, { replacement_id: 'no/no' })]],
    ['replacement_deprecated', 'warning', [anEntry(A, { replacement_id: B }), anEntry(B, OLD)]],
    ['replacement_cycle', 'error', [anEntry(A, { replacement_id: A })]],
    ['rollback_itself', 'error', [anEntry(A, { rollback: A })]],
    ['rollback_unknown', 'error', [anEntry(A, { rollback: 'no/no' })]],
    ['rollback_deprecated', 'warning', [anEntry(A, { rollback: B }), anEntry(B, OLD)]],
  ])('reports %s as %s', (rule, severity, entries) => {
    expect(reviewLinks(skillsOf(...entries))).toMatchObject([
      {
        rule,
        severity,
        file: 'metadata/a/a.yaml',
        skill: A,
        field: rule.startsWith('rollback') ? 'rollback' : 'replacement_id',
      },
    ]);
  });

  test('reports a rollback that is a composition', () => {
    const skills = skillsOf(anEntry(A, { rollback: 'c/both' }), aComposed('c/both'));
    expect(reviewLinks(skills)).toMatchObject([
      { severity: 'error', rule: 'rollback_composed', field: 'rollback' },
    ]);
  });

  test('reports every member of a circle of replacements', () => {
    const skills = skillsOf(
      anEntry(A, { replacement_id: B }),
      anEntry(B, { replacement_id: C }),
      anEntry(C, { replacement_id: A }),
    );
    expect(reviewLinks(skills).map(({ rule, skill }) => [rule, skill])).toEqual(
      [A, B, C].map((id) => ['replacement_cycle', id]),
    );
  });
});

describe('isReplacedBy', () => {
  test('ends in a circle that the target is not part of', () => {
    const skills = skillsOf(anEntry(A, { replacement_id: B }), anEntry(B, { replacement_id: A }));
    expect(isReplacedBy(A, C, skills)).toBe(false);
  });
});

describe('checkReplacement', () => {
  const skills = skillsOf(anEntry(A), anEntry(B, { replacement_id: A }), anEntry(C, OLD));

  test.each([
    ['itself', A, 'it is the same skill'],
    ['none', parseSkillId('no/no'), 'there is no such skill'],
    ['one that leads back', B, 'it is replaced by that skill itself'],
    ['a deprecated one', C, 'it is deprecated itself'],
  ])('refuses %s', (_, replacement, reason) => {
    expect(() => checkReplacement(A, replacement, skills)).toThrow(
      expect.objectContaining({ code: 'replacement_invalid', message: expect.stringContaining(reason) }),
    );
  });

  test('takes a skill in use', () => {
    expect(() => checkReplacement(C, A, skills)).not.toThrow();
  });
});
