import { SkillosError, isSkillosError } from '../../../core/errors/errors.ts';

describe('SkillosError', () => {
  test('carries code, message, hint, details and cause', () => {
    const cause = new Error('below');
    const error = new SkillosError('usage', 'Expected x', { hint: 'try y', details: { field: 'x' }, cause });
    expect(error).toMatchObject({
      name: 'SkillosError',
      code: 'usage',
      message: 'Expected x',
      hint: 'try y',
      details: { field: 'x' },
      cause,
    });
    expect(error).toBeInstanceOf(Error);
  });

  test('has no cause, hint or details of its own accord', () => {
    const error = new SkillosError('internal', 'Broke');
    expect(Object.hasOwn(error, 'cause')).toBe(false);
    expect(error.hint).toBeUndefined();
    expect(error.details).toBeUndefined();
  });
});

describe('isSkillosError', () => {
  test.each([
    ['any code', new SkillosError('usage', 'x'), undefined, true],
    ['the same code', new SkillosError('usage', 'x'), 'usage', true],
    ['another code', new SkillosError('usage', 'x'), 'internal', false],
    ['another error', new Error('x'), undefined, false],
    ['no error', { code: 'usage' }, 'usage', false],
  ] as const)('asked for %s', (_what, error, code, expected) => {
    expect(isSkillosError(error, code)).toBe(expected);
  });
});
