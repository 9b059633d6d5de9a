import { asAscii, clearing, liveLine, terminalOf, widthOf } from '../../../cli/views/live-line.ts';

const WIDE = { columns: 80, hasUnicode: true, canRedraw: true };

describe('terminalOf', () => {
  test.each([
    [{ columns: 120 }, {}, { columns: 120, hasUnicode: true, canRedraw: true }],
    [{}, { LANG: 'de_DE.UTF-8', TERM: 'xterm' }, WIDE],
    [{ columns: 0 }, { LC_ALL: 'C' }, { ...WIDE, hasUnicode: false }],
    [{}, { LC_ALL: '', LC_CTYPE: 'POSIX', LANG: 'en_US.utf8' }, { ...WIDE, hasUnicode: false }],
    [{}, { TERM: 'linux' }, { ...WIDE, hasUnicode: false }],
    [{}, { TERM: 'dumb', LANG: 'en_US.UTF-8' }, { columns: 80, hasUnicode: false, canRedraw: false }],
  ])('of %j with %j is %j', (stream, env, expected) => {
    expect(terminalOf(stream, env)).toEqual(expected);
  });
});

describe('liveLine', () => {
  const group = Array.from({ length: 12 }, (_, at) => `${at + 1} travel/search_flights 400ms`).join(', ');

  test.each([
    [80, true, '⠋ 0/12 1.2s · 1 travel/search_flights 400ms, 2 travel/search_flights 400ms, 3 …'],
    [80, false, '| 0/12 1.2s - 1 travel/search_flights 400ms, 2 travel/search_flights 400ms, ...'],
    [20, true, '⠋ 0/12 1.2s · 1 tr…'],
    [3, true, '⠋…'],
    [3, false, ''],
  ])('of a group in %d columns, Unicode %s', (columns, hasUnicode, expected) => {
    const line = liveLine(`0/12 1.2s · ${group}`, 0, { columns, hasUnicode, canRedraw: true });
    expect(line).toBe(expected);
    expect(widthOf(line)).toBeLessThan(columns);
  });

  test('counts two cells for an ideograph and an emoji, and none for a combining mark', () => {
    expect(widthOf('日本 🚆 e\u0301')).toBe(9);
    expect(liveLine('日本語日本語', 1, { ...WIDE, columns: 10 })).toBe('⠙ 日本語…');
  });

  test('fits whatever the width', () => {
    for (let columns = 1; columns <= 200; columns++) {
      const shown = liveLine(group, columns, { ...WIDE, columns });
      expect(widthOf(shown)).toBeLessThan(columns);
    }
  });
});

describe('clearing', () => {
  test.each([
    ['a line that fits', 79, 80, '\r\u001B[K'],
    ['no line', 0, 80, '\r\u001B[K'],
    ['a line that a narrower terminal has wrapped', 79, 30, '\r\u001B[2A\u001B[J'],
  ])('of %s', (_, width, columns, expected) => {
    expect(clearing(width, { ...WIDE, columns })).toBe(expected);
  });
});

test('asAscii keeps colours, and replaces what it does not know', () => {
  expect(asAscii('\u001B[32m✓\u001B[39m step 1 a/b ██░ 日…')).toBe(
    '\u001B[32mok\u001B[39m step 1 a/b ##. ?...',
  );
});
