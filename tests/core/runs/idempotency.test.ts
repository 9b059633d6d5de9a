import { claimKey, isExpired, requestHash, scopeHash } from '../../../core/runs/idempotency.ts';
import type { KeyScope } from '../../../core/runs/idempotency.ts';

const SCOPE: KeyScope = {
  tenant: 'default',
  principal: { subject: 'ann', via: 'local' },
  operation: 'run',
  key: 'k',
};

describe('claimKey', () => {
  const first = { requestHash: 'a', runId: 'run-1', expiresAt: 1300 };
  const attempt = { requestHash: 'b', runId: 'run-2', now: 1000, ttlMs: 300 };

  test('gives the key to the first', () => {
    expect(claimKey(undefined, { ...attempt, requestHash: 'a', runId: 'run-1' })).toEqual(first);
  });

  test('keeps the first claim until it expires, for any request', () => {
    expect(claimKey(first, { ...attempt, now: 1299 })).toBe(first);
    expect(claimKey(first, { ...attempt, now: 1300 })).toEqual({
      requestHash: 'b',
      runId: 'run-2',
      expiresAt: 1600,
    });
    expect(isExpired(first, 1299)).toBe(false);
  });
});

describe('scopeHash', () => {
  test('is another for every tenant, principal, operation and key', () => {
    const scopes: readonly KeyScope[] = [
      SCOPE,
      { ...SCOPE, tenant: 'acme' },
      { ...SCOPE, principal: { subject: 'bob', via: 'local' } },
      { ...SCOPE, principal: { subject: 'ann', via: 'jwt' } },
      { ...SCOPE, operation: 'job' },
      { ...SCOPE, key: 'K' },
    ];
    const hashes = scopes.map(scopeHash);
    expect(new Set(hashes).size).toBe(scopes.length);
    expect(hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
    expect(scopeHash({ ...SCOPE })).toBe(hashes[0]);
  });

  test.each(['x', 'x'.repeat(255), 'ключ', 'a b', '../../etc', '"'])('takes %j', (key) => {
    expect(scopeHash({ ...SCOPE, key })).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each(['', ' ', '\t', 'a\n', 'a\u0000', 'x'.repeat(256)])('refuses %j', (key) => {
    expect(() => scopeHash({ ...SCOPE, key })).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

describe('requestHash', () => {
  test('is the same for the same JSON in any order of fields', () => {
    expect(requestHash({ a: 1, b: [2, { c: 3, d: 4 }] })).toBe(requestHash({ b: [2, { d: 4, c: 3 }], a: 1 }));
    expect(requestHash({ a: 1 })).not.toBe(requestHash({ a: '1' }));
  });
});
