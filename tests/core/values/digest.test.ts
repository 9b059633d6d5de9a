import { canonicalJson, hmacSha256, isSameSecret, sha256 } from '../../../core/values/digest.ts';
import type { JsonValue } from '../../../core/json.ts';

describe('canonicalJson', () => {
  test.each<[JsonValue, string]>([
    [null, 'null'],
    [1.5, '1.5'],
    ['é', '"é"'],
    [[], '[]'],
    [{}, '{}'],
    [[3, 1, 2], '[3,1,2]'],
    [{ b: 1, a: 2 }, '{"a":2,"b":1}'],
    [
      { b: [{ d: 1, c: null }], a: { z: true, y: false } },
      '{"a":{"y":false,"z":true},"b":[{"c":null,"d":1}]}',
    ],
    [{ B: 1, a: 2, A: 3 }, '{"A":3,"B":1,"a":2}'],
  ])('writes %j as %s', (value, expected) => {
    expect(canonicalJson(value)).toBe(expected);
  });

  test('keeps a key called __proto__', () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":2}}') as JsonValue)).toBe(
      '{"__proto__":{"a":2},"b":1}',
    );
  });
});

describe('sha256', () => {
  // FIPS 180-2, appendix B.1
  test.each([['text', 'abc'] as const, ['bytes', new Uint8Array([97, 98, 99])] as const])(
    'hashes %s to lower-case hex',
    (_what, data) => {
      expect(sha256(data)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    },
  );
});

describe('hmacSha256', () => {
  // RFC 4231, test case 2
  test('matches a test vector of RFC 4231', () => {
    expect(hmacSha256('Jefe', 'what do ya want for nothing?')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });
});

describe('isSameSecret', () => {
  test.each([
    ['', '', true],
    ['abc', 'abc', true],
    ['abc', 'abd', false],
    ['abc', 'abcd', false],
    ['', 'a', false],
  ])('%j and %j: %s', (a, b, expected) => {
    expect(isSameSecret(a, b)).toBe(expected);
  });
});
