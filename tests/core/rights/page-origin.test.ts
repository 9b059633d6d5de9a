import { isForeignPage, isLocalHost } from '../../../core/rights/page-origin.ts';

describe('isLocalHost', () => {
  test.each([
    ['localhost', true],
    ['LOCALHOST:8233', true],
    ['127.0.0.1:8233', true],
    ['[::1]:8233', true],
    ['', false],
    ['evil.example:8233', false],
    ['localhost.evil.example', false],
    ['127.0.0.1.evil.example:8233', false],
    ['localhost:8233@evil.example', false],
  ])('of %j is %s', (host, expected) => {
    expect(isLocalHost(host)).toBe(expected);
  });
});

describe('isForeignPage', () => {
  const host = 'localhost:8233';
  test.each([
    ['POST', 'http://localhost:8233', 'same-origin', false],
    ['POST', 'HTTPS://LOCALHOST:8233', '', false],
    ['POST', 'http://localhost:3000', 'same-site', true],
    ['POST', 'http://evil.example', 'cross-site', true],
    ['POST', 'null', '', true],
    ['GET', 'http://evil.example', 'cross-site', true],
    ['GET', '', 'cross-site', false],
    ['HEAD', '', 'same-site', false],
    ['POST', '', 'cross-site', true],
    ['DELETE', '', 'same-site', true],
    ['POST', '', 'same-origin', false],
    ['POST', '', '', false],
  ])('of %s with Origin %j and Sec-Fetch-Site %j is %s', (method, origin, site, expected) => {
    expect(isForeignPage({ method, host, origin, site })).toBe(expected);
  });
});
