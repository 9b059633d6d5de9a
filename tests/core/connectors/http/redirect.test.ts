import { redirectOf } from '../../../../core/connectors/http/redirect.ts';

const url = new URL('https://api.example.com/v1/today');

describe('redirectOf', () => {
  test.each([
    [200, '/v2'],
    [304, '/v2'],
    [302, undefined],
  ])('an answer with status %d and location %j is no redirect', (status, location) => {
    expect(redirectOf({ url, method: 'GET' }, status, location)).toBeUndefined();
  });

  test.each([
    ['/v2/today', 'https://api.example.com/v2/today'],
    ['rome', 'https://api.example.com/v1/rome'],
    ['https://api.example.com:443/v2', 'https://api.example.com/v2'],
  ])('to %s leads to %s', (location, expected) => {
    const next = redirectOf({ url, method: 'GET' }, 302, location);
    expect([next?.url.href, next?.method]).toEqual([expected, 'GET']);
  });

  test.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [302, 'PUT', 'PUT'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
  ] as const)('after %d a %s is repeated as %s', (status, method, expected) => {
    expect(redirectOf({ url, method }, status, '/v2')?.method).toBe(expected);
  });

  test.each([
    ['http://api.example.com/', 'to http://api.example.com'],
    ['https://api.example.com:8443/', 'to https://api.example.com:8443'],
    ['//evil.example/?token=t', 'to https://evil.example'],
    ['https://user@api.example.com/', 'to https://api.example.com'],
    ['https://:pw@api.example.com/', 'to https://api.example.com'],
    ['file:///etc/passwd', 'to file://'],
    ['https://', 'to a place that is no URL'],
  ])('refuses %s', (location, where) => {
    expect(() => redirectOf({ url, method: 'GET' }, 302, location)).toThrow(
      expect.objectContaining({
        code: 'host_refused',
        message: `https://api.example.com redirected the call ${where}`,
      }),
    );
  });
});
