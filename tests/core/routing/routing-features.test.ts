import { conceptsByStem } from '../../../core/routing/concepts.ts';
import {
  conceptFeatures,
  gramFeatures,
  meaningFeatures,
  phraseFeatures,
  stemFeature,
} from '../../../core/routing/routing-features.ts';
import { analyse } from '../../../core/routing/text.ts';

const CONCEPTS = conceptsByStem();
const grams = (text: string): readonly number[] => gramFeatures(analyse(text).words).features;
const phrases = (text: string): readonly number[] => phraseFeatures(analyse(text).words, CONCEPTS).features;

function shared(one: readonly number[], other: readonly number[]): number {
  const all = new Set(other);
  return one.filter((feature) => all.has(feature)).length;
}

describe('gramFeatures', () => {
  test('are the runs of 3 to 5 characters of each word with its borders', () => {
    expect(grams('ab')).toHaveLength(3); // " ab", " ab ", "ab "
    expect(grams('a b')).toHaveLength(2);
    expect(grams('')).toEqual([]);
  });

  test('never span two words', () => {
    expect(grams('one two')).toEqual([...grams('one'), ...grams('two')]);
  });

  test('overlap for a misspelt word, not for another one', () => {
    expect(shared(grams('flihgts'), grams('flights'))).toBeGreaterThan(0);
    expect(shared(grams('hotel'), grams('quarks'))).toBe(0);
  });

  test('are the same after tens of thousands of other words', () => {
    const before = grams('flights');
    for (let index = 0; index < 20_001; index++) grams(`w${index}`);
    expect(grams('flights')).toEqual(before);
  });
});

describe('phraseFeatures', () => {
  test('tell the order of words', () => {
    const [one, other] = [phrases('sochi moscow'), phrases('moscow sochi')];
    expect(shared(one, other)).toBe(2);
    expect(one).toHaveLength(3);
  });

  test('map stems to concepts', () => {
    expect(shared(phrases('remove'), phrases('delete'))).toBe(1);
  });
});

describe('meaningFeatures', () => {
  test('are the stem and its concepts', () => {
    expect(meaningFeatures('sochi', CONCEPTS)).toEqual([stemFeature('sochi')]);
    expect(meaningFeatures('delet', CONCEPTS)).toEqual([
      stemFeature('delet'),
      ...conceptFeatures('delet', CONCEPTS),
    ]);
  });
});
