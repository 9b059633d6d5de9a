import { isReservedName } from '../../../core/settings/reserved-names.ts';

test.each([
  ['SKILLOS_SERVER_KEY', true],
  ['skillos_server_key', true],
  ['DATABASE_URL', true],
  ['REDIS_URL', true],
  ['TEMPORAL_API_KEY', true],
  ['API_KEY', false],
  ['SKILLOS_WEATHER_API_KEY', false],
])('%s is reserved: %j', (name, expected) => {
  expect(isReservedName(name)).toBe(expected);
});
