import * as fc from 'fast-check';
import { outputMask, MASK } from '../../../core/settings/masking.ts';
import { secretPatterns } from '../../../core/settings/secret-patterns.ts';

const SECRET = 'p@ss/w"rd\\ é+\nnext line';
const json = (text: string): string => JSON.stringify(text).slice(1, -1);
const ascii = (text: string): string =>
  json(text).replace(/[^\0-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

function isFound(secret: string, text: string): boolean {
  return new RegExp(secretPatterns(secret).join('|'), 'u').test(text);
}

test.each([
  ['plain', SECRET],
  ['as JSON', json(SECRET)],
  ['as JSON in JSON in JSON', json(json(json(SECRET)))],
  ['as JSON of other encoders', ascii(SECRET).replaceAll('/', String.raw`\/`)],
  ['in an address', encodeURIComponent(SECRET)],
  ['in an address with small digits', encodeURIComponent(SECRET).replace(/%../g, (x) => x.toLowerCase())],
  ['in a path', encodeURI(SECRET)],
  ['in a form', new URLSearchParams({ x: SECRET }).toString()],
  ['in an address in an address', encodeURIComponent(encodeURIComponent(SECRET))],
  ['in base64', base64(SECRET)],
  ['in the base64 of Basic', base64(`user:${SECRET}`)],
  ['in the middle of base64', base64(`ab${SECRET} and more`)],
  ['in the base64 of addresses', Buffer.from(SECRET).toString('base64url')],
  ['in base64 in an address', encodeURIComponent(base64(`x${SECRET}`))],
  ['by lines', 'next line'],
])('finds a secret %s', (_how, text) => {
  expect(isFound(SECRET, text)).toBe(true);
});

test.each([
  ['other text', 'p@ss/w'],
  ['another secret', SECRET.replace('p@', 'q@').replace('next', 'last')],
  ['base64 of another secret', base64('p@ss-w"rd')],
])('finds none in %s', (_what, text) => {
  expect(isFound(SECRET, text)).toBe(false);
});

test('finds any secret in any of the forms, behind any text', () => {
  const forms = [
    (text: string) => text,
    json,
    ascii,
    encodeURIComponent,
    base64,
    (text: string) => json(encodeURIComponent(text)),
    (text: string) => new URLSearchParams({ x: text }).toString(),
  ];
  const secrets = fc.string({ minLength: 8, maxLength: 40, unit: 'grapheme' });
  fc.assert(
    fc.property(secrets, fc.string(), fc.constantFrom(...forms), (secret, before, write) => {
      expect(isFound(secret, write(before + secret))).toBe(true);
    }),
  );
});

test('searches long runs of backslashes in linear time', () => {
  const secret = String.raw`\\\"\\"\"end of it`;
  expect(isFound(secret, '\\'.repeat(20_000))).toBe(false);
});

describe('outputMask', () => {
  const LONG = 'canary-of-the-key';
  const mask = outputMask([LONG, '12345678', 'short', 'quo"te\\d', 'postgres://ann:hunter%2Fof@db/x']);

  test.each([
    [`x ${LONG} y`, `x ${MASK} y`],
    // One character belongs to the secret and its neighbour.
    [`Basic ${base64(`ann:${LONG}`)}`, `Basic YW5uOm${MASK}`],
    ['a short one stays', 'a short one stays'],
    ['the password hunter%2Fof, or hunter/of', `the password ${MASK}, or ${MASK}`],
    ['nothing', 'nothing'],
  ])('masks in the text %j', (text, expected) => {
    expect(mask.text(text)).toBe(expected);
  });

  test.each([
    [{ a: [LONG, 1, null, true] }, { a: [MASK, 1, null, true] }],
    [{ [LONG]: { b: 'quo"te\\d' } }, { [MASK]: { b: MASK } }],
    [
      { n: 12345678, longer: 1234567890, token: 'stays' },
      { n: MASK, longer: 1234567890, token: 'stays' },
    ],
    [LONG, MASK],
    [{ a: 1 }, { a: 1 }],
  ])('masks in the JSON of %j', (value, expected) => {
    expect(JSON.parse(mask.json(JSON.stringify(value)))).toEqual(expected);
  });

  test('keeps a text without secrets as it is', () => {
    expect(mask.json('{"a":  1}')).toBe('{"a":  1}');
  });
});
