import { base64Bytes, fromBase64, isBase64 } from '../../../core/values/base64.ts';

describe('isBase64', () => {
  test.each([
    // RFC 4648, section 10
    ['', true],
    ['Zg==', true],
    ['Zm8=', true],
    ['Zm9v', true],
    ['Zm9vYg==', true],
    ['Zm9vYmE=', true],
    ['Zm9vYmFy', true],
    ['Zg', false],
    ['Zg=', false],
    ['Zm9v\n', false],
    ['Zm 9', false],
    [' Zm9', false],
    ['Zm9v====', false],
    ['=Zm9', false],
    ['Zm9-', false],
    ['Zh==', false],
    ['Zm9=', false],
    ['====', false],
  ])('%j: %s', (text, expected) => {
    expect(isBase64(text)).toBe(expected);
  });
});

test.each([
  ['', 0],
  ['Zg==', 1],
  ['Zm8=', 2],
  ['Zm9v', 3],
])('base64Bytes(%j) is %d', (text, expected) => {
  expect(base64Bytes(text)).toBe(expected);
});

test('fromBase64 decodes all bytes', () => {
  expect([...fromBase64('AP+AfQ==')]).toEqual([0, 255, 128, 125]);
});
