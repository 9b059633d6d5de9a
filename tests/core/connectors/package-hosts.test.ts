import type { ConnectorSpec } from '../../../core/connectors/connector.ts';
import { demandHost } from '../../../core/connectors/package-hosts.ts';

const limits = { timeoutMs: 1000, allowPrivate: false };
const http = (baseUrl: string): ConnectorSpec => ({
  ...limits,
  type: 'http',
  id: 'weather',
  baseUrl,
  headers: {},
  followRedirects: 0,
});
const sql = (driver: 'sqlite' | 'postgres'): ConnectorSpec => ({
  type: 'sql',
  id: 'books',
  driver,
  databasePath: 'books.db',
  timeoutMs: 1000,
});

function outcome(spec: ConnectorSpec, hosts: readonly string[]): string {
  try {
    demandHost(spec, hosts);
    return 'allowed';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('demandHost', () => {
  test.each<[string, string, readonly string[]]>([
    ['the host', 'https://api.example.com/v1', ['other.example', 'api.example.com']],
    ['the default port of https', 'https://api.example.com', ['api.example.com:443']],
    ['the default port of http', 'http://api.example.com', ['api.example.com:80']],
    ['another port', 'https://api.example.com:8443', ['api.example.com:8443']],
  ])('allows %s', (_, url, hosts) => {
    expect(outcome(http(url), hosts)).toBe('allowed');
  });

  test.each<[string, string, readonly string[]]>([
    ['no host', 'https://api.example.com', []],
    ['a host above', 'https://api.example.com', ['example.com']],
    ['a host below', 'https://example.com', ['api.example.com']],
    ['a user that looks like the host', 'https://api.example.com@evil.example', ['api.example.com']],
    ['a port that is not the default', 'https://api.example.com:8443', ['api.example.com']],
    ['the port of the other scheme', 'https://api.example.com', ['api.example.com:80']],
  ])('refuses %s', (_, url, hosts) => {
    expect(outcome(http(url), hosts)).toBe('connector_not_declared');
  });

  test('knows vector stores, and SQLite, which reaches no host', () => {
    const vector: ConnectorSpec = { ...limits, type: 'vector', id: 'docs', baseUrl: 'https://v.example' };
    expect(outcome(vector, ['v.example'])).toBe('allowed');
    expect(outcome(vector, [])).toBe('connector_not_declared');
    expect(outcome(sql('sqlite'), [])).toBe('allowed');
    expect(outcome(sql('postgres'), ['books'])).toBe('connector_not_declared');
  });
});
