import * as fc from 'fast-check';
import { urlBelow } from '../../../../core/connectors/http/target.ts';
import { isSkillosError } from '../../../../core/errors/errors.ts';

const BASE = 'https://api.example.com/v1';

describe('urlBelow', () => {
  test.each([
    ['', BASE],
    ['/', `${BASE}/`],
    ['today', `${BASE}/today`],
    ['/today/rome', `${BASE}/today/rome`],
    ['/today?city=Rome', `${BASE}/today?city=Rome`],
    ['?city=Rome', `${BASE}?city=Rome`],
    ['/a b/ä', `${BASE}/a%20b/%C3%A4`],
    ['/users:search', `${BASE}/users:search`],
    ['/a//b', `${BASE}/a//b`],
    ['/a%2fb', `${BASE}/a%2fb`],
    ['/..a/b..;c', `${BASE}/..a/b..;c`],
    ['/today?up=../..', `${BASE}/today?up=../..`],
    ['user:pw@evil.example', `${BASE}/user:pw@evil.example`],
    [':8080', `${BASE}/:8080`],
  ])('puts %j below the base', (path, expected) => {
    expect(urlBelow(BASE, path, {}).href).toBe(expected);
  });

  test('adds a query', () => {
    const query = { city: 'São & co', days: 3, hourly: true, tag: ['a', 'b'] };
    expect(urlBelow(BASE, '/today?x=1', query).search).toBe(
      '?x=1&city=S%C3%A3o+%26+co&days=3&hourly=true&tag=a&tag=b',
    );
  });

  test('works for a base without a path', () => {
    expect(urlBelow('http://localhost:8080', '/today', {}).href).toBe('http://localhost:8080/today');
  });

  test.each([
    ['//evil.example', 'expected a path below base_url, not the address of a server'],
    ['https://evil.example/', 'expected a path below base_url, not the address of a server'],
    ['file:///etc/passwd', 'expected a path below base_url, not the address of a server'],
    ['/\\evil.example', 'expected a path without backslashes, # and control characters'],
    ['/today#top', 'expected a path without backslashes, # and control characters'],
    ['/.\t./admin', 'expected a path without backslashes, # and control characters'],
    ['/a\r\nHost: evil', 'expected a path without backslashes, # and control characters'],
    ['..', 'expected a path without the segments . and ..'],
    ['/../admin', 'expected a path without the segments . and ..'],
    ['/a/../../admin', 'expected a path without the segments . and ..'],
    ['/./a', 'expected a path without the segments . and ..'],
    ['/%2e%2e/admin', 'expected a path without the segments . and ..'],
    ['/.%2E/admin', 'expected a path without the segments . and ..'],
    ['/..%2fadmin', 'expected a path without the segments . and ..'],
    ['/..%5cadmin', 'expected a path without the segments . and ..'],
    ['/%252e%252e%252fadmin', 'expected a path without the segments . and ..'],
    ['/..;x=1/admin', 'expected a path without the segments . and ..'],
    ['/..%3bx/admin', 'expected a path without the segments . and ..'],
  ])('refuses %j', (path, expected) => {
    expect(() => urlBelow(BASE, path, {})).toThrow(
      expect.objectContaining({
        code: 'path_refused',
        message: `Invalid path ${JSON.stringify(path)}: ${expected}`,
      }),
    );
  });

  test('says nothing of a long path, at whose cut a part of a secret could be left', () => {
    expect(() => urlBelow(BASE, `/../${'x'.repeat(200)}`, {})).toThrow(
      'Invalid path: expected a path without',
    );
  });

  test('no path leaves the base', () => {
    const parts = fc.constantFrom(
      '.',
      '..',
      '/',
      '//',
      '\\',
      '%2e',
      '%2F',
      '%5c',
      '%25',
      '?',
      '#',
      '@',
      ':',
      'a',
      '\t',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(parts, fc.string({ maxLength: 3 })), { maxLength: 8 }), (pieces) => {
        try {
          const { origin, pathname, username } = urlBelow(BASE, pieces.join(''), {});
          expect([origin, username]).toEqual(['https://api.example.com', '']);
          expect(`${pathname}/`.startsWith('/v1/')).toBe(true);
        } catch (error) {
          if (!isSkillosError(error, 'path_refused')) throw error;
        }
      }),
    );
  });
});
