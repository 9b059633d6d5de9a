import { fold, isForm, nearest, stemOf, wordsOf } from '../../skills/implementations/language/words.ts';

describe('isForm', () => {
  test.each([
    ['казан~', 'казани'],
    ['казан~', 'казань'],
    ['москв~', 'москву'],
    ['берлін~', 'берліна'],
    ['montag~', 'montags'],
    ['sochi', 'sochi'],
  ])('%s covers %s', (name, word) => {
    expect(isForm(name, word)).toBe(true);
  });

  test.each([
    ['рим~', 'римский'],
    ['казан~', 'казанова'],
    ['sochi', 'sochis'],
    ['rom', 'romance'],
  ])('%s does not cover %s', (name, word) => {
    expect(isForm(name, word)).toBe(false);
  });
});

describe('fold', () => {
  test.each([
    ['ЁЛКА', 'елка'],
    ['п’ЯТНИЦЯ', "п'ятниця"],
    ['Moscow’s', 'moscow'],
    ['Mu\u0308nchen', 'münchen'],
  ])('makes %j comparable as %j', (text, folded) => {
    expect(fold(text)).toBe(folded);
  });
});

describe('wordsOf', () => {
  test('keeps an apostrophe inside a word and drops signs', () => {
    expect(wordsOf("Нью-Йорк, у п'ятницю!").map(({ folded }) => folded)).toEqual([
      'нью',
      'йорк',
      'у',
      "п'ятницю",
    ]);
  });
});

describe('nearest', () => {
  test('offers names a few letters away, nearest first', () => {
    expect(nearest('sochy', ['kazan', 'sochi', 'soch'])).toEqual(['soch', 'sochi']);
    expect(nearest('atlantis', ['paris', 'rome'])).toEqual([]);
  });
});

describe('stemOf', () => {
  test.each([
    ['река', 'рек'],
    ['реки', 'рек'],
    ['мешками', 'мешк'],
    ['ships', 'ship'],
    ['ice', 'ice'],
    ['дом', 'дом'],
  ])('%s → %s', (word, stem) => {
    expect(stemOf(word)).toBe(stem);
  });
});
