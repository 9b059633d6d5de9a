import {
  connectorFields,
  connectorItems,
  harmlessCall,
  isAnswered,
} from '../../../core/connectors/connector-document.ts';
import {
  assembleConnectors,
  assertConnectorId,
  readConnector,
} from '../../../core/connectors/connector-file.ts';
import type { ConnectorSpec } from '../../../core/connectors/connector.ts';

const CANARY = 'written into the file';

function specOf(value: object): ConnectorSpec {
  const { spec } = readConnector({ file: 'connectors/x.yaml', value, lineOf: () => 1 });
  return spec as ConnectorSpec;
}

const base = { id: 'x', base_url: 'https://api.example.com' };

describe('connectorFields', () => {
  test.each([
    [
      {
        ...base,
        headers: { Accept: CANARY, 'X-Key': 'secret:K' },
        auth: { type: 'basic', username: CANARY, password: 'secret:P' },
        rate_limit_per_minute: 5,
      },
      {
        id: 'x',
        type: 'http',
        timeout_seconds: 10,
        base_url: 'https://api.example.com',
        headers: { Accept: '[REDACTED]', 'X-Key': 'secret:K' },
        auth: { type: 'basic', username: '[REDACTED]', password: 'secret:P' },
        rate_limit_per_minute: 5,
        allow_private: false,
        follow_redirects: 0,
      },
    ],
    [base, expect.objectContaining({ auth: null, rate_limit_per_minute: null, headers: {} })],
    [
      { ...base, auth: { type: 'header', header: 'X-Key', value: CANARY } },
      expect.objectContaining({ auth: { type: 'header', header: 'X-Key', value: '[REDACTED]' } }),
    ],
    [
      { id: 'x', type: 'sql' },
      { id: 'x', type: 'sql', timeout_seconds: 10, driver: 'sqlite', database_path: ':memory:' },
    ],
    [
      { id: 'x', type: 'sql', driver: 'postgres', dsn: `postgres://u:${CANARY}@h/d` },
      { id: 'x', type: 'sql', timeout_seconds: 10, driver: 'postgres', dsn: '[REDACTED]' },
    ],
    [
      { ...base, type: 'vector', api_key: 'secret:K' },
      {
        id: 'x',
        type: 'vector',
        timeout_seconds: 10,
        base_url: 'https://api.example.com',
        api_key: 'secret:K',
        allow_private: false,
      },
    ],
    [{ ...base, type: 'vector' }, expect.objectContaining({ api_key: null })],
  ])('of %j', (value, fields) => {
    expect(connectorFields(specOf(value))).toEqual(fields);
    expect(JSON.stringify(connectorFields(specOf(value)))).not.toContain(CANARY);
  });
});

test('connectorItems lists connectors by id, then files that are not valid', () => {
  const read = (file: string, value: unknown) => readConnector({ file, value, lineOf: () => 1 });
  const set = assembleConnectors([
    read('connectors/b.yaml', { ...base, id: 'b', auth: { type: 'bearer', token: 'secret:K' } }),
    read('connectors/a.yaml', { id: 'a', type: 'sql' }),
    read('connectors/c.yaml', { id: 'c', type: 'sql', driver: 'oracle' }),
    read('connectors/d.yaml', 'text'),
    read('connectors/e.yaml', { id: 'aa', type: 'sql' }),
  ]);
  const state = { kind: 'connector', owner: 'b', key: 'K', names: ['SKILLOS_B_K', 'K'] } as const;
  const other = { ...state, owner: 'other' };
  expect(connectorItems(set, [state, other])).toEqual([
    { id: 'a', file: 'connectors/a.yaml', valid: true, type: 'sql', host: 'sqlite', secrets: [] },
    { id: 'aa', file: 'connectors/e.yaml', valid: true, type: 'sql', host: 'sqlite', secrets: [] },
    {
      id: 'b',
      file: 'connectors/b.yaml',
      valid: true,
      type: 'http',
      host: 'api.example.com',
      secrets: [{ key: 'K', names: ['SKILLOS_B_K', 'K'], found: null }],
    },
    {
      id: 'c',
      file: 'connectors/c.yaml',
      valid: false,
      problem: expect.stringMatching(/^driver: .*expected/) as string,
    },
    { id: '', file: 'connectors/d.yaml', valid: false, problem: expect.any(String) as string },
  ]);
  expect(connectorItems(set, [{ ...state, found: 'K' }])[2]?.['secrets']).toEqual([
    { key: 'K', names: ['SKILLOS_B_K', 'K'], found: 'K' },
  ]);
});

test.each([
  [base, 'request'],
  [{ id: 'x', type: 'sql' }, 'query'],
  [{ ...base, type: 'vector' }, 'collections'],
])('harmlessCall of %j', (value, operation) => {
  expect(harmlessCall(specOf(value))).toMatchObject({ connector: 'x', operation });
});

test.each([
  [{}, true],
  [{ status: 404 }, true],
  [{ status: 401 }, false],
  [{ status: 502 }, false],
  [{ code: 'connector_timeout' as const }, false],
])('isAnswered(%j) is %s', (end, expected) => {
  const report = { connector: 'x', method: 'GET', host: 'h', ms: 1, bytes: 0, ...end };
  expect(isAnswered(report)).toBe(expected);
});

test.each(['', 'Weather', 'a/b', '../x', '-a', 'x'.repeat(64)])('no connector has the id %j', (id) => {
  expect(() => assertConnectorId(id)).toThrow('Invalid id of a connector');
  expect(() => assertConnectorId('weather-1_b')).not.toThrow();
});
