import { SkillosError } from '../../../core/errors/errors.ts';
import { domainOf, dotted, isSkillId, nameOf, parseSkillId } from '../../../core/values/skill-id.ts';

const LONGEST = 'a'.repeat(63);

describe('parseSkillId', () => {
  test.each([
    ['travel/search_flights', 'travel/search_flights'],
    ['travel.search_flights', 'travel/search_flights'],
    ['0/9', '0/9'],
    ['a-b/c_d-', 'a-b/c_d-'],
    [`${LONGEST}.${LONGEST}`, `${LONGEST}/${LONGEST}`],
  ])('reads %j as %j', (text, expected) => {
    expect(parseSkillId(text)).toBe(expected);
    expect(isSkillId(text)).toBe(true);
  });

  test.each([
    '',
    'travel',
    'travel/',
    '/search',
    'a/b/c',
    'a.b.c',
    'a/b.c',
    'Travel/search',
    '_a/b',
    'a/-b',
    'a b/c',
    ' a/b',
    'a/b\n',
    'a/b\0',
    'поездка/найти',
    '../etc/passwd',
    'a//b',
    `${LONGEST}a/b`,
    `a/${LONGEST}b`,
  ])('refuses %j', (text) => {
    expect(() => parseSkillId(text)).toThrow(SkillosError);
    expect(isSkillId(text)).toBe(false);
  });

  test('names the value and the rule', () => {
    expect(() => parseSkillId('Travel')).toThrow(
      'Invalid skill id "Travel": expected domain/name (or domain.name), each part 1 to 63 of a-z 0-9 _ - and starting with a letter or digit',
    );
    expect(() => parseSkillId('Travel')).toThrow(expect.objectContaining({ code: 'invalid_skill_id' }));
  });

  test('shortens a long value and escapes control characters', () => {
    expect(() => parseSkillId('x'.repeat(81))).toThrow(`Invalid skill id "${'x'.repeat(77)}...": expected`);
    expect(() => parseSkillId('x'.repeat(80))).toThrow(`Invalid skill id "${'x'.repeat(80)}": expected`);
    expect(() => parseSkillId('a\u001b[31m')).toThrow(String.raw`"a\u001b[31m"`);
  });
});

describe('dotted, domainOf and nameOf', () => {
  test('take an id apart', () => {
    const id = parseSkillId('travel/search_flights');
    expect(dotted(id)).toBe('travel.search_flights');
    expect(domainOf(id)).toBe('travel');
    expect(nameOf(id)).toBe('search_flights');
  });
});
