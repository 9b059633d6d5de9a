import { mistypedSettings } from '../../../core/settings/mistyped-settings.ts';

describe('mistypedSettings', () => {
  test.each([
    ['SKILLOS_BUDGET_DALY', 'SKILLOS_BUDGET_DAILY'],
    ['SKILLOS_ROT', 'SKILLOS_ROOT'],
    ['SKILLOS_ROOT', undefined],
    ['SKILLOS_CRM_TOKEN', undefined],
    ['SKILLOS_', undefined],
    ['ROOT', undefined],
  ])('%s: %s', (variable, meant) => {
    expect(mistypedSettings([variable])).toEqual(meant === undefined ? [] : [{ variable, meant }]);
  });
});
