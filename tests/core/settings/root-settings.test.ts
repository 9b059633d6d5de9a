import { checkRootSettings } from '../../../core/settings/root-settings.ts';

test('takes limits, costs and the like', () => {
  const values = { SKILLOS_BUDGET_DAILY: '5', SKILLOS_TIMEZONE: 'Europe/Berlin' };
  expect(checkRootSettings(values)).toEqual(values);
  expect(checkRootSettings({ SKILLOS_BUDGET_DAILY: '' })).toEqual({ SKILLOS_BUDGET_DAILY: '' });
  expect(checkRootSettings({})).toEqual({});
  expect(checkRootSettings({ SKILLOS_SANDBOX: 'all' })).toEqual({ SKILLOS_SANDBOX: 'all' });
});

test.each<[string, string, string, string]>([
  [
    'SKILLOS_SERVER_KEY',
    'k'.repeat(32),
    'SKILLOS_SERVER_KEY is not allowed in settings.env',
    'Set it in the environment',
  ],
  [
    'SKILLOS_TEMPORAL_BIN',
    '/tmp/x',
    'SKILLOS_TEMPORAL_BIN is not allowed in settings.env',
    'Set it in the environment',
  ],
  [
    'SKILLOS_BUDGET_DAILY',
    'much',
    'Invalid SKILLOS_BUDGET_DAILY in settings.env: expected ',
    'skillos config',
  ],
  [
    'SKILLOS_BUDGET_DAYLY',
    '5',
    'Unknown setting "SKILLOS_BUDGET_DAYLY" in settings.env',
    'Did you mean: SKILLOS_BUDGET_DAILY',
  ],
  ['SKILLOS_SANDBOX', 'packages', 'Invalid SKILLOS_SANDBOX in settings.env: expected all', 'skillos config'],
  ['NOTHING_LIKE_IT', '5', 'Unknown setting "NOTHING_LIKE_IT" in settings.env', 'skillos config'],
])('refuses %s=%s', (variable, value, message, hint) => {
  expect(() => checkRootSettings({ [variable]: value })).toThrow(
    expect.objectContaining({
      code: 'config_invalid',
      message: expect.stringContaining(message) as string,
      hint,
    }),
  );
});
