import { run as normalise } from '../../skills/implementations/ops/first.ts';
import { run as number } from '../../skills/implementations/ops/second.ts';
import { run as summarize } from '../../skills/implementations/text/summarize.ts';
import { aSkillContext } from '../support/skill-context.ts';

const CTX = aSkillContext();

describe('ops/first', () => {
  test.each([
    ['start', 'start'],
    ['  a \t b  ', 'a b'],
    ['a\r\nb\rc\u2028d', 'a\nb\nc\nd'],
    ['\n\na\n\n\n\n b\n', 'a\n\nb'],
    ['a\u00A0\u202Fb', 'a b'],
    ['u\u0308ber', 'über'],
    ['', ''],
  ])('makes %j into %j', (text, expected) => {
    expect(normalise(text, CTX)).toBe(expected);
  });

  test('does nothing to its own output', () => {
    const once = normalise(' a \n\n\n b', CTX) as string;
    expect(normalise(once, CTX)).toBe(once);
  });
});

describe('ops/second', () => {
  test.each([
    ['start', '1. start'],
    ['a\n\nb', '1. a\n\n2. b'],
    ['', ''],
  ])('numbers %j', (text, expected) => {
    expect(number(text, CTX)).toBe(expected);
  });

  test('aligns the numbers at the right', () => {
    const lines = (number('x\n'.repeat(10).trim(), CTX) as string).split('\n');
    expect([lines[0], lines[9]]).toEqual([' 1. x', '10. x']);
  });
});

const HARBOUR = [
  'The harbour of Riga froze in January.',
  'Ice breakers kept the harbour open for cargo.',
  'A fisherman sold herring to Dr. Berzins.',
  'Cargo ships waited for the ice breakers outside.',
  'The weather was grey.',
];
const РЕКА = [
  'Весной река поднялась на три метра.',
  'Жители посёлка укрепляли берег реки мешками с песком.',
  'Вечером играла музыка.',
  'Мешки с песком привезли жителям из города.',
  'Потом выглянуло солнце.',
];

describe('text/summarize', () => {
  test('keeps the sentences that say most, in their order', () => {
    expect(summarize({ text: HARBOUR.join(' '), sentences: 2 })).toBe(`${HARBOUR[1]} ${HARBOUR[3]}`);
    expect(summarize({ text: РЕКА.join(' '), sentences: 2 })).toBe(`${РЕКА[1]} ${РЕКА[3]}`);
  });

  test('reads order and number of sentences in front of the text', () => {
    expect(summarize({ query: `Summarise in 2 sentences: ${HARBOUR.join(' ')}` })).toBe(
      `${HARBOUR[1]} ${HARBOUR[3]}`,
    );
    expect(summarize({ query: `Сделай краткое содержание: ${РЕКА.join(' ')}`, sentences: 1 })).toBe(РЕКА[1]);
  });

  test('gives three sentences unless told otherwise, and a short text back as it is', () => {
    expect(summarize({ query: HARBOUR.join('\n') }).split('. ').length).toBeGreaterThanOrEqual(3);
    expect(summarize({ query: 'One. Two.' })).toBe('One. Two.');
  });

  test.each([{}, { query: ' \n ' }, { query: 'Summarise: ' }])('refuses %j: there is no text', (request) => {
    expect(() => summarize(request)).toThrow('Expected a text to summarise, got none');
  });
});
