import { detectLanguages, isEnglish } from '../../../core/routing/language.ts';

test.each([
  ['somewhere to sleep', true],
  ['a café in Kraków, 2 nights', true],
  ['zeige mir die Hotels', false],
  ['Zimmer für zwei', false],
  ['hotel в Сочи', false],
  ['酒店', false],
])('isEnglish takes %j for English: %j', (text, expected) => {
  expect(isEnglish(text, text.toLowerCase().split(/[ ,]+/))).toBe(expected);
});

describe('detectLanguages', () => {
  test.each([
    ['', 'en', 'ru'],
    ['hotels in berlin', 'en', 'ru'],
    ['hotels für berlin', 'de', 'ru'],
    ['zeige mir die hotels', 'de', 'ru'],
    ['list the users', 'en', 'ru'],
    ['записи', 'en', 'ru'],
    ['записі', 'en', 'uk'],
    ['це записи', 'en', 'uk'],
    ['это записи', 'en', 'ru'],
    ['выведи записи і все', 'en', 'ru'],
    ['lösche записи для мене', 'de', 'uk'],
  ])('takes %j for %s and %s', (text, latin, cyrillic) => {
    expect(detectLanguages(text.split(' '))).toEqual({ latin, cyrillic });
  });
});
