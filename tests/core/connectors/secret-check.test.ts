import { checkSecret, nameToStore, secretsDocument, usersOf } from '../../../core/connectors/secret-check.ts';
import type { SecretUse } from '../../../core/connectors/secret-check.ts';

const use: SecretUse = { kind: 'connector', owner: 'weather', key: 'KEY' };
const names = ['SKILLOS_WEATHER_KEY', 'KEY'];

type Values = Readonly<Record<string, string>>;

test.each<[Values, Values, object]>([
  [{ KEY: 'x' }, {}, { names, found: 'KEY', source: 'environment' }],
  [{}, { KEY: 'x' }, { names, found: 'KEY', source: 'file' }],
  [{ KEY: 'x' }, { SKILLOS_WEATHER_KEY: 'y' }, { names, found: 'SKILLOS_WEATHER_KEY', source: 'file' }],
  [{}, {}, { names }],
])('with %j in the environment and %j in the file', (environment, file, expected) => {
  const sources = { environment: (name: string) => environment[name], file: (name: string) => file[name] };
  expect(checkSecret(use, sources)).toEqual({ ...use, ...expected });
});

test.each([
  [[{ ...use, names, found: 'KEY', source: 'file' as const }], undefined, true],
  [[{ ...use, names }], undefined, false],
  [[], 'secrets/.env is open', false],
])('the document of %j with the problem %j is valid: %j', (states, problem, valid) => {
  expect(secretsDocument(states, problem)).toEqual({
    schema: 'skillos.secrets.check/v1',
    valid,
    ...(problem === undefined ? {} : { problem }),
    items: states.map(({ kind, owner, ...state }) => ({ kind, id: owner, ...state })),
  });
});

test('lists the ids that use a name, each once', () => {
  const uses: readonly SecretUse[] = [
    { kind: 'skill', owner: 'b/b', key: 'KEY' },
    { kind: 'connector', owner: 'a', key: 'KEY' },
    { kind: 'connector', owner: 'a', key: 'OTHER' },
    { kind: 'connector', owner: 'c', key: 'OTHER' },
  ];
  expect(usersOf('KEY', uses)).toEqual(['a', 'b/b']);
  expect(usersOf('SKILLOS_C_OTHER', uses)).toEqual(['c']);
});

test.each([
  ['weather', 'KEY', 'KEY'],
  ['weather', 'api key', 'SKILLOS_WEATHER_API_KEY'],
  ['weather', 'DATABASE_URL', 'SKILLOS_WEATHER_DATABASE_URL'],
  ['weather', 'SKILLOS_SERVER_KEY', 'SKILLOS_SERVER_KEY'],
  ['weather', 'SHARED', 'SKILLOS_WEATHER_SHARED'],
  ['weather', 'STORED', 'SKILLOS_WEATHER_STORED'],
])('the secret of %j and %j is stored as %j', (owner, key, name) => {
  const mine: SecretUse = { kind: 'connector', owner, key };
  const other: SecretUse = { kind: 'connector', owner: 'other', key: 'SHARED' };
  const known = { uses: [mine, other], stored: ['SKILLOS_WEATHER_STORED', 'KEY'] };
  expect(nameToStore(mine, known)).toBe(name);
});
