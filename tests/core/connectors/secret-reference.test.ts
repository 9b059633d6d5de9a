import {
  findSecret,
  secretKeyOf,
  secretKeysIn,
  secretNames,
} from '../../../core/connectors/secret-reference.ts';

test.each([
  ['secret:API_TOKEN', 'API_TOKEN'],
  ['secret: API_TOKEN ', 'API_TOKEN'],
  ['secret:', ''],
  ['Secret:API_TOKEN', undefined],
  ['a secret:API_TOKEN', undefined],
])('the key of %j is %j', (text, key) => {
  expect(secretKeyOf(text)).toBe(key);
});

test('finds the keys of all references, sorted, each once', () => {
  const definition = {
    auth: { type: 'basic', username: 'secret:USER', password: 'secret:PASSWORD' },
    headers: ['secret:USER', 'secret:', 'plain', 1, null, true],
  };
  expect(secretKeysIn(definition)).toEqual(['PASSWORD', 'USER']);
});

describe('secretNames', () => {
  test.each([
    ['weather', 'API_TOKEN', ['SKILLOS_WEATHER_API_TOKEN', 'API_TOKEN']],
    ['my-conn.v2', 'api token', ['SKILLOS_MY_CONN_V2_API_TOKEN', 'api token']],
    ['travel/search', 'KEY', ['SKILLOS_TRAVEL_SEARCH_KEY', 'KEY']],
    ['weather', 'SKILLOS_OTHER_KEY', ['SKILLOS_OTHER_KEY']],
  ])('of %j and %j are %j', (owner, key, names) => {
    expect(secretNames(owner, key)).toEqual(names);
  });

  test.each([
    ['jwt', 'SECRET', ['SECRET']],
    ['weather', 'SKILLOS_SERVER_KEY', []],
    ['weather', 'DATABASE_URL', ['SKILLOS_WEATHER_DATABASE_URL']],
    ['weather', 'redis_url', ['SKILLOS_WEATHER_REDIS_URL']],
    ['weather', 'TEMPORAL_API_KEY', ['SKILLOS_WEATHER_TEMPORAL_API_KEY']],
  ])('of %j and %j contain no setting: %j', (owner, key, names) => {
    expect(secretNames(owner, key)).toEqual(names);
  });
});

describe('findSecret', () => {
  const secret = { owner: 'weather', key: 'KEY' };

  test.each([
    [
      { SKILLOS_WEATHER_KEY: 'own', KEY: 'shared' },
      { name: 'SKILLOS_WEATHER_KEY', value: 'own' },
    ],
    [
      { SKILLOS_WEATHER_KEY: '', KEY: 'shared' },
      { name: 'KEY', value: 'shared' },
    ],
    [{ OTHER: 'x' }, undefined],
  ])('in %j finds %j', (values: Readonly<Record<string, string>>, found) => {
    expect(findSecret(secret, (name) => values[name])).toEqual(found);
  });
});
