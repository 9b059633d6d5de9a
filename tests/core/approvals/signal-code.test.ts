import { isSignalCode, parseSignalText, signalCode } from '../../../core/approvals/signal-code.ts';

const KEY = 'k'.repeat(32);
const WAIT = { runId: 'admin.delete-1', executionId: 'e1', digest: 'd1' };

describe('parseSignalText', () => {
  test.each([
    [undefined, {}],
    ['', {}],
    ['as agreed', { comment: 'as agreed' }],
    ['0a1b2c3d4e', { code: '0a1b2c3d4e' }],
    ['0A1B2C3D4E', { code: '0a1b2c3d4e' }],
    ['0a1b2c3d4e  as agreed\nby all', { code: '0a1b2c3d4e', comment: 'as agreed\nby all' }],
    ['0a1b2c3d4e ', { code: '0a1b2c3d4e' }],
    ['0a1b2c3d4e5', { comment: '0a1b2c3d4e5' }],
    ['0a1b2c3d4', { comment: '0a1b2c3d4' }],
    ['feed 0a1b2c3d4e', { comment: 'feed 0a1b2c3d4e' }],
  ])('of %j is %j', (text, expected) => {
    expect(parseSignalText(text)).toEqual(expected);
  });
});

describe('isSignalCode', () => {
  const code = signalCode(KEY, WAIT);

  test('accepts the code of the wait, of ten hexadecimal digits', () => {
    expect(code).toMatch(/^[0-9a-f]{10}$/);
    expect(isSignalCode(code, KEY, WAIT)).toBe(true);
  });

  test.each([
    ['no code', undefined, KEY, WAIT],
    ['the code of another key', code, 'x'.repeat(32), WAIT],
    ['the code of another run', code, KEY, { ...WAIT, runId: 'other' }],
    ['the code of another execution', code, KEY, { ...WAIT, executionId: 'e2' }],
    ['the code of another plan', code, KEY, { ...WAIT, digest: 'd2' }],
  ])('refuses %s', (_what, given, key, wait) => {
    expect(isSignalCode(given, key, wait)).toBe(false);
  });
});
