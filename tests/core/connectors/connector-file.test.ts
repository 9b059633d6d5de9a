import { assembleConnectors, readConnector } from '../../../core/connectors/connector-file.ts';
import type { ParsedConnector } from '../../../core/connectors/connector-file.ts';

function read(value: unknown, file = 'connectors/weather.yaml'): ParsedConnector {
  return readConnector({ file, value, lineOf: () => 3 });
}

const http = { id: 'weather', type: 'http', base_url: 'https://api.example.com/v1/' };

describe('readConnector', () => {
  test('reads an http connector, and fills in defaults', () => {
    expect(read(http)).toEqual({
      id: 'weather',
      file: 'connectors/weather.yaml',
      spec: {
        type: 'http',
        id: 'weather',
        baseUrl: 'https://api.example.com/v1',
        headers: {},
        timeoutMs: 10_000,
        allowPrivate: false,
        followRedirects: 0,
      },
      findings: [],
    });
  });

  test('a definition without a type is http, as in the predecessor', () => {
    const { type: _type, ...rest } = http;
    expect(read(rest).spec?.type).toBe('http');
  });

  test('reads every field of an http connector', () => {
    const auth = { type: 'bearer', token: 'secret:API_TOKEN' };
    const given = {
      ...http,
      auth,
      headers: { Accept: 'application/json' },
      timeout_seconds: 0.5,
      rate_limit_per_minute: 60,
      allow_private: true,
      follow_redirects: 2,
    };
    expect(read(given).spec).toMatchObject({
      auth,
      headers: { Accept: 'application/json' },
      timeoutMs: 500,
      rateLimitPerMinute: 60,
      allowPrivate: true,
      followRedirects: 2,
    });
  });

  test.each([
    [
      { id: 'db', type: 'sql' },
      { type: 'sql', id: 'db', driver: 'sqlite', databasePath: ':memory:', timeoutMs: 10_000 },
    ],
    [
      { id: 'db', type: 'sql', driver: 'postgres', dsn: 'secret:DB' },
      {
        type: 'sql',
        id: 'db',
        driver: 'postgres',
        dsn: 'secret:DB',
        databasePath: ':memory:',
        timeoutMs: 10_000,
      },
    ],
    [
      { id: 'v', type: 'vector', base_url: 'http://localhost:6333', api_key: null },
      { type: 'vector', id: 'v', baseUrl: 'http://localhost:6333', timeoutMs: 10_000, allowPrivate: false },
    ],
    [
      {
        id: 'v',
        type: 'vector',
        base_url: 'http://localhost:6333',
        api_key: 'secret:K',
        allow_private: true,
      },
      {
        type: 'vector',
        id: 'v',
        baseUrl: 'http://localhost:6333',
        apiKey: 'secret:K',
        timeoutMs: 10_000,
        allowPrivate: true,
      },
    ],
  ])('reads %j', (given, spec) => {
    expect(read(given).spec).toEqual(spec);
  });

  test.each([
    [{ ...http, base_url: 'file:///etc/passwd' }, 'base_url', 'http://host or https://host'],
    [{ ...http, base_url: 'https:example.com' }, 'base_url', 'http://host or https://host'],
    [{ ...http, base_url: 'https:///example.com' }, 'base_url', 'http://host or https://host'],
    [{ ...http, base_url: 'nonsense' }, 'base_url', 'http://host or https://host'],
    [{ ...http, base_url: 'https://user:pass@example.com' }, 'base_url', 'http://host or https://host'],
    [{ ...http, base_url: 'https://example.com\\@evil.example' }, 'base_url', 'http://host or https://host'],
    [{ ...http, base_url: 'https://example.com/?key=1' }, 'base_url', 'http://host or https://host'],
    [{ ...http, base_url: 'https://example.com/#a' }, 'base_url', 'http://host or https://host'],
    [{ ...http, base_url: 'https://example.com/v1?' }, 'base_url', 'http://host or https://host'],
    [{ ...http, base_url: 'https://example.com/v1#' }, 'base_url', 'http://host or https://host'],
    [{ ...http, id: '../weather' }, 'id', 'beginning with a letter or digit'],
    [{ ...http, headers: { Host: 'evil.example' } }, 'headers.Host', 'other than those of the connection'],
    [{ ...http, headers: { A: 'b\r\nC: d' } }, 'headers.A', 'without control characters'],
    [{ ...http, auth: { type: 'bearer', token: 'secret:' } }, 'auth.token', 'a key after secret:'],
    [
      { ...http, headers: { Authorization: 'Bearer secret:KEY' } },
      'headers.Authorization',
      'without text before it',
    ],
    [{ ...http, auth: { type: 'digest' } }, 'auth.type', ''],
    [{ ...http, timeout_seconds: 0 }, 'timeout_seconds', ''],
    [{ ...http, rate_limit_per_minute: 0 }, 'rate_limit_per_minute', ''],
    [{ ...http, follow_redirects: 11 }, 'follow_redirects', ''],
    [{ id: 'db', type: 'sql', driver: 'postgres' }, 'dsn', 'a dsn for postgres'],
    [{ id: 'db', type: 'sql', driver: 'oracle' }, 'driver', ''],
    [{ id: 'x', type: 'ftp' }, 'type', ''],
  ])('refuses %j', (given, field, message) => {
    const { spec, findings } = read(given);
    expect(spec).toBeUndefined();
    expect(findings).toMatchObject([
      { severity: 'error', field, line: 3, message: expect.stringContaining(message) },
    ]);
  });

  test.each([['text'], [[]], [null]])('refuses %j, which is not a mapping', (given) => {
    const { spec, findings } = read(given);
    expect(spec).toBeUndefined();
    expect(findings.length).toBeGreaterThan(0);
  });

  test('refuses an unknown field, which may be a misspelt limit', () => {
    expect(read({ ...http, alow_private: true }).spec).toBeUndefined();
  });
});

describe('assembleConnectors', () => {
  test('one broken file breaks its connector alone', () => {
    const set = assembleConnectors([
      read(http),
      read({ id: 'broken', base_url: 'file:///x' }, 'connectors/broken.yaml'),
      { findings: [{ severity: 'error', rule: 'yaml_syntax', file: 'connectors/x.yaml', message: 'bad' }] },
      { ...read({ ...http, id: 'nowhere' }), file: undefined } as unknown as ParsedConnector,
    ]);
    expect([...set.specs.keys()]).toEqual(['weather']);
    expect([...set.files]).toEqual([
      ['weather', 'connectors/weather.yaml'],
      ['broken', 'connectors/broken.yaml'],
    ]);
    expect(set.findings.map(({ file, field }) => [file, field])).toEqual([
      ['connectors/broken.yaml', 'base_url'],
      ['connectors/x.yaml', undefined],
    ]);
  });

  test('of two files with one id neither counts', () => {
    const set = assembleConnectors([
      read(http),
      read(http, 'connectors/other.yaml'),
      read(http, 'connectors/third.yaml'),
    ]);
    expect(set.specs.size).toBe(0);
    expect(set.findings).toMatchObject([
      { rule: 'duplicate_id', file: 'connectors/other.yaml', field: 'id' },
      { rule: 'duplicate_id', file: 'connectors/third.yaml', field: 'id' },
    ]);
  });
});
