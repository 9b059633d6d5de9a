import { unknownSettings } from '../../../core/settings/unknown-settings.ts';

describe('unknownSettings', () => {
  test.each([
    ['SKILLOS_BUDGET_DALY', 'SKILLOS_BUDGET_DAILY'],
    ['SKILLOS_ROT', 'SKILLOS_ROOT'],
    ['SKILLOS_VECTOR_COLLECTION', undefined],
  ])('names %s, which may mean %s', (variable, meant) => {
    expect(unknownSettings([variable])).toEqual([{ variable, meant }]);
  });

  test.each(['SKILLOS_ROOT', 'SKILLOS_', 'ROOT'])('says nothing of %s', (variable) => {
    expect(unknownSettings([variable])).toEqual([]);
  });
});
