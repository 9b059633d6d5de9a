import { decodeVectors, encodeVectors } from '../../../core/routing/vector-codec.ts';
import { sha256 } from '../../../core/values/digest.ts';

const TABLE = {
  dimensions: 3,
  background: 0.25,
  vectors: new Map([
    [sha256('a'), Float32Array.of(1, 2, 3)],
    [sha256('b'), Float32Array.of(4, 5, 6)],
  ]),
};
const BYTES = encodeVectors(TABLE);

test('decodes what was encoded, also from the middle of a buffer', () => {
  const shifted = new Uint8Array(BYTES.length + 1);
  shifted.set(BYTES, 1);
  expect(decodeVectors(BYTES)).toEqual(TABLE);
  expect(decodeVectors(shifted.subarray(1))).toEqual(TABLE);
  expect(decodeVectors(Buffer.from(BYTES))).toEqual(TABLE);
  const empty = { dimensions: 0, background: 0.5, vectors: new Map() };
  expect(decodeVectors(encodeVectors(empty))).toEqual(empty);
});

test.each([0, 10, 71, BYTES.length - 1])('refuses a file that was cut to %i bytes', (length) => {
  expect(decodeVectors(BYTES.subarray(0, length))).toBeUndefined();
});

test('refuses a file with another byte', () => {
  const changed = BYTES.slice();
  changed[BYTES.length - 1] = 7;
  expect(decodeVectors(changed)).toBeUndefined();
});
