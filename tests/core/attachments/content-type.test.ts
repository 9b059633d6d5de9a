import { isTypeProven } from '../../../core/attachments/content-type.ts';

const text = new TextEncoder().encode('BMW\tand others\r\n');
const binary = new Uint8Array([0x4d, 0x5a, 0x90, 0x00]);

test.each<readonly [string, string | undefined, Uint8Array, boolean]>([
  ['image/png', 'image/png', binary, true],
  ['image/png', 'application/x-msdownload', binary, false],
  ['image/png', undefined, binary, false],
  ['image/png', 'image/jpeg', binary, false],
  ['text/plain', undefined, binary, true],
  ['text/plain', 'application/x-msdownload', binary, false],
  ['text/plain', 'image/bmp', text, true],
  ['text/plain', 'application/pdf', text, false],
  ['text/html', 'application/xml', text, true],
  ['text/csv', 'application/zip', new Uint8Array([0xff]), false],
])('%s of which the bytes say %s', (declared, found, bytes, expected) => {
  expect(isTypeProven(declared, found, bytes)).toBe(expected);
});
