import { skillText, variantAt, withVariant } from '../../../core/skills/variants.ts';
import { aSkill } from '../../support/builders.ts';

const CODE = 'implementations.travel.other:run';
const SKILL = aSkill('travel/search_flights', {
  variants: { v1: {}, v2: { entrypoint: CODE, description: 'Another way' } },
});

describe('withVariant', () => {
  test('takes the fields of the variant, and no others', () => {
    const { variant, manifest } = withVariant(SKILL, 'v2');
    expect(variant).toBe('v2');
    expect(manifest).toEqual({ ...SKILL.manifest, entrypoint: CODE, description: 'Another way' });
  });

  test.each(['v1', 'gone', 'toString'])('changes nothing for %s', (variant) => {
    expect(withVariant(SKILL, variant)).toEqual({ ...SKILL, variant });
  });

  test('keeps the name for a skill that has no variants any more', () => {
    const plain = aSkill('travel/search_flights');
    expect(withVariant(plain, 'v1')).toEqual({ ...plain, variant: 'v1' });
  });
});

test.each([
  [{ a: {}, b: {} }, 0, 'a'],
  [{ a: {}, b: {} }, 0.49, 'a'],
  [{ a: {}, b: {} }, 0.5, 'b'],
  [{ b: {}, a: {} }, 0.2, 'a'],
  [{ a: { weight: 9 }, b: {} }, 0.89, 'a'],
  [{ a: { weight: 9 }, b: {} }, 0.91, 'b'],
  [{ a: {}, b: {} }, 1, 'b'],
])('of %j at %f it is %s', (variants, position, variant) => {
  expect(variantAt(variants, position)).toBe(variant);
});

test.each([
  [undefined, 'a/b'],
  ['short', 'a/b (variant short)'],
])('with the variant %s a step shows %s', (variant, text) => {
  expect(skillText('a/b', variant)).toBe(text);
});
