import { errorDocument } from '../../core/error-document.ts';
import { SkillosError } from '../../core/errors.ts';

describe('errorDocument', () => {
  test('gives the remedy of the code where the error has no hint of its own', () => {
    expect(errorDocument(new SkillosError('unknown_skill', 'Unknown skill "a/b"'))).toEqual({
      schema: 'skillos.error/v1',
      code: 'unknown_skill',
      message: 'Unknown skill "a/b"',
      hint: 'List the ids there are: skillos skills list',
    });
  });

  test('keeps hint and details', () => {
    const error = new SkillosError('usage', 'm', { hint: 'Did you mean: a/c', details: { field: 'x' } });
    expect(errorDocument(error)).toMatchObject({ hint: 'Did you mean: a/c', details: { field: 'x' } });
  });
});
