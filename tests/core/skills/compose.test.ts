import type { SkillEntry } from '../../../core/skills/catalog.ts';
import { checkComposition, reviewCompositions } from '../../../core/skills/compose.ts';
import { aComposed, aComposition, aSkill } from '../../support/builders.ts';

const CITY = { type: 'object', required: ['city'], properties: { city: { type: 'string' } } };
const SKILLS = [
  aSkill('s/text', { outputs: { type: 'string' } }),
  aSkill('s/city', { inputs: CITY, outputs: CITY }),
  aSkill('s/old', { deprecated: true, replacement_id: 's/text' }),
  aSkill('s/older', { deprecated: true, deprecation_reason: 'no use' }),
];

function skills(...more: readonly SkillEntry[]) {
  return new Map([...SKILLS, ...more].map((entry) => [entry.id, entry]));
}

describe('checkComposition', () => {
  test('takes steps that fit each other', () => {
    const composition = aComposition('c/one', { steps: ['s/city', ['s/text', 's/city']] });
    expect(() => checkComposition(composition, skills())).not.toThrow();
  });

  test('accepts a new composition even if the stored one is invalid', () => {
    const present = aComposed('c/one', { steps: ['c/one'] });
    expect(() =>
      checkComposition(aComposition('c/one', { steps: ['s/text'] }), skills(present)),
    ).not.toThrow();
  });

  test.each([
    ['unknown_skill', ['s/none', 's/text', 's/no'], 'there is no skill "s/none", "s/no"'],
    ['composition_invalid', ['s/old'], '"s/old" is deprecated; use s/text'],
    ['composition_invalid', [['s/text', 's/older']], '"s/older" is deprecated'],
    [
      'composition_invalid',
      ['s/text', 's/city'],
      '"s/city" does not accept the output of "s/text": expected object, got string',
    ],
    ['composition_invalid', ['c/one'], 'Composition "c/one" contains itself: c/one → c/one'],
    ['composition_invalid', ['c/two'], 'Composition "c/one" contains itself: c/one → c/two → c/one'],
    [
      'plan_too_large',
      Array(400).fill('c/many'),
      'Plan of more than 500 steps, including the steps of compositions',
    ],
  ])('refuses with %s: %j', (code, steps, message) => {
    const others = skills(
      aComposed('c/two', { steps: ['c/one'] }),
      aComposed('c/many', { steps: Array(400).fill('s/text') }),
    );
    expect(() => checkComposition(aComposition('c/one', { steps }), others)).toThrow(
      expect.objectContaining({ code, message: `Cannot compose "c/one": ${message}` }),
    );
  });
});

describe('reviewCompositions', () => {
  test('finds nothing in skills and sound compositions', () => {
    const sound = aComposed('c/one', { steps: ['s/text'] });
    const inactive = aComposed('c/two', { steps: ['s/text'], active: false });
    expect(reviewCompositions(skills(sound, inactive))).toEqual([]);
  });

  test('names the rule, the file and the field', () => {
    const found = reviewCompositions(
      skills(
        aComposed('c/circle', { steps: ['c/circle'] }),
        aComposed('c/gone', { steps: ['s/none'] }),
        aComposed('c/mismatch', { steps: ['s/text', 's/city'] }),
        aComposed('c/old', { steps: ['s/old'] }),
        aComposed('c/edited', { steps: ['s/text'], activated: undefined }),
      ),
    );
    expect(found.map(({ severity, rule, file, field }) => [severity, rule, file, field])).toEqual([
      ['error', 'composition_invalid', 'compositions/c/circle.json', 'steps'],
      ['error', 'step_unknown', 'compositions/c/gone.json', 'steps'],
      ['error', 'steps_misfit', 'compositions/c/mismatch.json', 'steps'],
      ['warning', 'step_deprecated', 'compositions/c/old.json', 'steps'],
      ['warning', 'composition_changed', 'compositions/c/edited.json', 'active'],
    ]);
  });
});
