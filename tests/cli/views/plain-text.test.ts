import { forTerminal, jsonText, oneLine, plain } from '../../../cli/views/plain-text.ts';

/** What a terminal obeys: title, clipboard, cursor, deletion, C1 forms of the same, order of the text. */
const SEQUENCES: readonly (readonly [string, string])[] = [
  ['\u001B]0;title\u0007', '\\u001b]0;title\\u0007'],
  ['\u001B]52;c;cm0=\u001B\\', '\\u001b]52;c;cm0=\\u001b\\'],
  ['\u001B[2J\u001B[H', '\\u001b[2J\\u001b[H'],
  ['ok\rno', 'ok\\u000dno'],
  ['\b\u007F', '\\u0008\\u007f'],
  ['\u009B31m\u009D0;x\u009C', '\\u009b31m\\u009d0;x\\u009c'],
  ['a\u202Eb\u2066c\u200F\u061C', 'a\\u202eb\\u2066c\\u200f\\u061c'],
  ['a\u2028b\u2029', 'a\\u2028b\\u2029'],
];

test.each(SEQUENCES)('%j is escaped', (text, escaped) => {
  expect([plain(text), forTerminal(text)]).toEqual([escaped, escaped]);
  expect(JSON.parse(jsonText({ text }))).toEqual({ text });
  expect(jsonText({ text })).not.toMatch(/[^\P{Cc}\n]|[\u202E\u2028]/u);
});

test('letters, emoji, tabs and line breaks stay', () => {
  const text = 'Привіт שלום 👩‍💻\n\tx';
  expect(forTerminal(text)).toBe(text);
  expect(plain(text)).toBe('Привіт שלום 👩‍💻\\u000a\\u0009x');
  expect(oneLine(text)).toBe('Привіт שלום 👩‍💻 x');
});
