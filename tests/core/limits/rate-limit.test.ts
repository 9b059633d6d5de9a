import {
  addressKey,
  countRequest,
  decideRate,
  principalKey,
  signInKey,
} from '../../../core/limits/rate-limit.ts';

const RULE = { requests: 2, windowMs: 1000 };

describe('countRequest', () => {
  test('begins a window with the first request and lets refused ones not prolong it', () => {
    const first = countRequest(undefined, 100, RULE);
    expect(first).toEqual({ count: 1, endsAt: 1100 });
    const third = countRequest(countRequest(first, 500, RULE), 1099, RULE);
    expect(third).toEqual({ count: 3, endsAt: 1100 });
    expect(countRequest(third, 1100, RULE)).toEqual({ count: 1, endsAt: 2100 });
  });
});

describe('decideRate', () => {
  test.each([
    [1, true, 1],
    [2, true, 0],
    [3, false, 0],
    [9, false, 0],
  ])('decides about request %d of 2: allowed %s, %d left', (count, isAllowed, remaining) => {
    expect(decideRate(count, 300, RULE)).toEqual({ isAllowed, limit: 2, remaining, resetMs: 300 });
  });
});

describe('principalKey', () => {
  test('tells tenants apart', () => {
    const principal = { subject: 'a:b', roles: [], via: 'jwt' as const };
    expect(principalKey({ principal, tenant: 'acme' })).toBe('principal:acme:a:b');
  });
});

describe('signInKey', () => {
  test('counts an address apart from its other requests', () => {
    expect(signInKey('192.0.2.7')).toBe('sign-in:address:192.0.2.7');
  });
});

describe('addressKey', () => {
  test.each([
    ['192.0.2.7', 'address:192.0.2.7'],
    ['::ffff:192.0.2.7', 'address:192.0.2.7'],
    ['::1', 'address:0:0:0:0::/64'],
    ['::', 'address:0:0:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', 'address:2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::9', 'address:2001:db8:1:2::/64'],
    ['2001:db8::1', 'address:2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'address:fe80:0:0:0::/64'],
    ['', 'address:'],
  ])('of %s is %s', (address, expected) => {
    expect(addressKey(address)).toBe(expected);
  });
});
