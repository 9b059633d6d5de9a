import type { ConnectorCall, ConnectorCaller, ConnectorSpec } from '../../../core/connectors/connector.ts';
import { demandDeclared } from '../../../core/connectors/package-hosts.ts';

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

function outcome(
  spec: ConnectorSpec,
  hosts: readonly string[] | undefined,
  { operation = 'request', args = {}, isReadOnly = false }: Partial<ConnectorCall & ConnectorCaller> = {},
): string {
  try {
    demandDeclared(spec, { operation, args }, { hosts, isReadOnly });
    return 'allowed';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('the host of a call by a package', () => {
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

describe('a call by a package that declares no change', () => {
  const hosts = ['api.example.com', 'v.example'];
  const web = http('https://api.example.com');
  const vector: ConnectorSpec = { ...limits, type: 'vector', id: 'docs', baseUrl: 'https://v.example' };
  const books = sql('sqlite');

  test.each<[ConnectorSpec, Partial<ConnectorCall>]>([
    [web, {}],
    [web, { args: { method: 'head' } }],
    [web, { args: { method: 'OPTIONS' } }],
    [vector, { operation: 'search' }],
    [books, { operation: 'query', args: { sql: 'DELETE FROM books' } }], // the database refuses it
  ])('of %j is allowed: %j', (spec, call) => {
    expect(outcome(spec, hosts, { ...call, isReadOnly: true })).toBe('allowed');
  });

  test.each<[ConnectorSpec, Partial<ConnectorCall>]>([
    [web, { args: { method: 'post' } }],
    [web, { args: { method: 'PUT' } }],
    [web, { args: { method: 'PATCH' } }],
    [web, { args: { method: 'DELETE' } }],
    [web, { args: { method: ['GET'] } }],
    [vector, { operation: 'upsert' }],
    [vector, { operation: 'delete' }],
  ])('of %j is refused: %j', (spec, call) => {
    expect(outcome(spec, hosts, { ...call, isReadOnly: true })).toBe('connector_not_declared');
    expect(outcome(spec, hosts, call)).toBe('allowed');
  });

  test('needs an accepted host first', () => {
    expect(outcome(web, undefined, { isReadOnly: true })).toBe('connector_not_declared');
  });
});
