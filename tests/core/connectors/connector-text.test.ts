import { callOutcome, callText, connectorHost } from '../../../core/connectors/connector-text.ts';

describe('connectorHost', () => {
  const common = { id: 'c', timeoutMs: 1 } as const;

  test.each([
    [
      { ...common, type: 'sql', driver: 'postgres', dsn: 'secret:DB', databasePath: ':memory:' } as const,
      'postgres',
    ],
    [
      { ...common, type: 'vector', baseUrl: 'http://localhost:6333', allowPrivate: true } as const,
      'localhost:6333',
    ],
  ])('of %j', (spec, expected) => {
    expect(connectorHost(spec)).toBe(expected);
  });
});

describe('callText', () => {
  const call = { connector: 'weather', method: 'GET', host: 'api.example.com', ms: 12, bytes: 340 };

  test.each([
    [{ ...call, status: 200 }, 'weather GET api.example.com 200 12 ms 340 bytes'],
    [call, 'weather GET api.example.com ok 12 ms 340 bytes'],
    [
      { ...call, code: 'connector_timeout' as const },
      'weather GET api.example.com connector_timeout 12 ms 340 bytes',
    ],
  ])('of %j', (report, expected) => {
    expect(callText(report)).toBe(expected);
  });
});

describe('callOutcome', () => {
  test.each([
    [{}, 'ok'],
    [{ status: 302 }, 'ok'],
    [{ status: 404 }, '4xx'],
    [{ status: 503 }, '5xx'],
    [{ status: 200, code: 'response_too_large' as const }, 'response_too_large'],
  ])('of %j', (report, expected) => {
    expect(callOutcome(report)).toBe(expected);
  });
});
