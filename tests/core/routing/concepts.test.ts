import { conceptsByStem } from '../../../core/routing/concepts.ts';
import { conceptFeatures } from '../../../core/routing/routing-features.ts';
import { analyse } from '../../../core/routing/text.ts';

const conceptsIn = (text: string): number[] =>
  analyse(text).terms.flatMap(({ stem }) => conceptFeatures(stem, conceptsByStem()));

describe('conceptsByStem', () => {
  test.each([
    ['delete the records', 'remove entries'],
    ['delete the records', 'Lösche bitte die Datensätze'],
    ['delete the records', 'удали эти записи'],
    ['delete the records', 'видали ці записи'],
    ['find a flight', 'ищи авиабилет'],
    ['list of users', 'перелік користувачів'],
  ])('%j shares its concepts with %j', (one, other) => {
    const others = new Set(conceptsIn(other));
    expect(conceptsIn(one).filter((concept) => others.has(concept)).length).toBeGreaterThanOrEqual(2);
  });

  test('has no concepts for most words', () => {
    expect(conceptFeatures('sochi', conceptsByStem())).toEqual([]);
  });
});
