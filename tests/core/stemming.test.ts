import type { Languages } from '../../core/language.ts';
import { stem } from '../../core/stemming.ts';

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
  ])('brings forms together, %#', (languages, forms) => {
    expect(new Set(forms.map((form) => stem(form, languages))).size).toBe(1);
  });

  test.each(['мені', 'так', 'ліс', 'сся'])('leaves three letters of the Ukrainian %j', (word) => {
    expect(stem(word, DE_UK).length).toBeGreaterThanOrEqual(3);
  });

  test.each(['東京', 'العربية', '2fa', 'a'.repeat(65)])('leaves %j as it is', (word) => {
    expect(stem(word, EN_RU)).toBe(word);
  });

  test('gives the same stem again after tens of thousands of other words', () => {
    const before = stem('flights', EN_RU);
    for (let index = 0; index < 20_001; index++) stem(`word${index}`, EN_RU);
    expect(stem('flights', EN_RU)).toBe(before);
  });
});
