import { isFileName, safeName } from '../../../core/attachments/file-name.ts';

test.each([
  ['image.png', true],
  ['Отчёт за май.pdf', true],
  ['a', true],
  ['concert.txt', true],
  ['x'.repeat(200), true],
  ['', false],
  ['x'.repeat(201), false],
  ['x'.repeat(300), false],
  ['../../x', false],
  ['..', false],
  ['.', false],
  ['.env', false],
  ['a/b', false],
  ['a\\b', false],
  ['C:x', false],
  ['CON', false],
  ['con.txt', false],
  ['LPT1.png', false],
  ['nul', false],
  ['a\u0000.png', false],
  ['a\nb', false],
  ['a\u202Egpj.exe', false],
  ['a\ud800', false],
  ['a.', false],
  [' a', false],
  ['a ', false],
  ['a?.txt', false],
])('isFileName(%j) is %s', (name, expected) => {
  expect(isFileName(name)).toBe(expected);
});

test.each([
  ['image.png', 'image.png'],
  ['my report (1).pdf', 'my_report__1_.pdf'],
  ['Отчёт.pdf', 'Отчёт.pdf'],
  ['💾.txt', '_.txt'],
])('safeName(%j) is %j', (name, expected) => {
  expect(safeName(name)).toBe(expected);
});

test('safeName keeps the end of a long name, in at most 200 bytes', () => {
  const safe = safeName(`${'я'.repeat(190)}.pdf`);
  expect(new TextEncoder().encode(safe)).toHaveLength(200);
  expect(safe).toMatch(/^я+\.pdf$/);
});
