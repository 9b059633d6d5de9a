import { errorDocument } from '../../../core/errors/error-document.ts';
import { SkillosError } from '../../../core/errors/errors.ts';

describe('errorDocument', () => {
  test('uses the remedy of the code if the error has no hint', () => {
    expect(errorDocument(new SkillosError('unknown_skill', 'Unknown skill "a/b"'))).toEqual({
      schema: 'skillos.error/v1',
      code: 'unknown_skill',
      message: 'Unknown skill "a/b"',
      hint: 'List the skills: skillos skills list',
    });
  });

  test('keeps hint and details', () => {
    const error = new SkillosError('usage', 'm', { hint: 'Did you mean: a/c', details: { field: 'x' } });
    expect(errorDocument(error)).toMatchObject({ hint: 'Did you mean: a/c', details: { field: 'x' } });
  });
});
