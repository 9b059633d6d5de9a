import type { Languages } from '../../../core/routing/language.ts';
import { memoizedStem, stem } from '../../../core/routing/stemming.ts';

const EN_RU: Languages = { latin: 'en', cyrillic: 'ru' };
const DE_UK: Languages = { latin: 'de', cyrillic: 'uk' };

describe('stem', () => {
  test.each([
    [EN_RU, ['flight', 'flights']],
    [EN_RU, ['convert', 'converts', 'converted', 'converting']],
    [EN_RU, ['cafe', 'café']],
    [EN_RU, ['записи', 'записей', 'записями']],
    [DE_UK, ['flug', 'flüge', 'flügen']],
    [DE_UK, ['datensatz', 'datensätze', 'datensätzen']],
    [DE_UK, ['рейс', 'рейси', 'рейсів', 'рейсами']],
    [DE_UK, ['готель', 'готелі', 'готелів', 'готелями']],
    [DE_UK, ['користувач', 'користувачі', 'користувачів', 'користувачами']],
    [DE_UK, ['вікно', 'вікна', 'вікнами']],
    [DE_UK, ['повернення', 'поверненню', 'повернень']],
    [DE_UK, ['дивити', 'дивитися', 'дивилася']],
  ])('gives the forms of a word one stem, %#', (languages, forms) => {
    expect(new Set(forms.map((form) => stem(form, languages))).size).toBe(1);
  });

  test.each(['мені', 'так', 'ліс', 'сся'])('keeps at least three letters of the Ukrainian %j', (word) => {
    expect(stem(word, DE_UK).length).toBeGreaterThanOrEqual(3);
  });

  test.each(['東京', 'العربية', '2fa', 'a'.repeat(65)])('returns %j unchanged', (word) => {
    expect(stem(word, EN_RU)).toBe(word);
  });
});

test('memoizedStem gives the same stems, by language', () => {
  const stemOf = memoizedStem();
  for (const word of ['flights', 'flights', 'записи']) {
    expect(stemOf(word, EN_RU)).toBe(stem(word, EN_RU));
    expect(stemOf(word, DE_UK)).toBe(stem(word, DE_UK));
  }
});
