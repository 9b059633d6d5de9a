import * as fc from 'fast-check';
import { decodeRoutingIndex, encodeRoutingIndex } from '../../../core/routing/routing-codec.ts';
import { conceptsByStem } from '../../../core/routing/concepts.ts';
import { buildRoutingIndex } from '../../../core/routing/routing-index.ts';
import type { RoutingIndex } from '../../../core/routing/routing-index.ts';
import { aDocument, arbitraryDocuments } from '../../support/routing-documents.ts';

const CONCEPTS = conceptsByStem();

const INDEX = buildRoutingIndex([
  aDocument('travel/search_flights', 'Search flights', { tags: ['travel'], examples: ['fly to Sochi'] }),
  aDocument('travel/search_hotels', 'Search hotels'),
]);

describe('decodeRoutingIndex', () => {
  test('decodes an encoded index', () => {
    expect(decodeRoutingIndex(encodeRoutingIndex(INDEX))).toEqual(INDEX);
  });

  test('loses nothing of any index', () => {
    fc.assert(
      fc.property(arbitraryDocuments, (documents) => {
        const bytes = encodeRoutingIndex(buildRoutingIndex(documents, CONCEPTS));
        const again = encodeRoutingIndex(decodeRoutingIndex(bytes) as RoutingIndex);
        expect(Buffer.from(again).equals(bytes)).toBe(true);
      }),
    );
  });

  test('decodes bytes at any offset in memory', () => {
    const bytes = encodeRoutingIndex(INDEX);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(decodeRoutingIndex(shifted.subarray(1))).toEqual(INDEX);
  });

  test('takes nothing that is cut off, longer or changed in any byte', () => {
    const bytes = encodeRoutingIndex(INDEX);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        expect(decodeRoutingIndex(bytes.subarray(0, at))).toBeUndefined();
        const changed = bytes.slice();
        changed[at] = (changed[at] as number) ^ change;
        expect(decodeRoutingIndex(changed)).toBeUndefined();
      }),
    );
    expect(decodeRoutingIndex(new Uint8Array([...bytes, 0, 0, 0, 0]))).toBeUndefined();
  });

  test('takes no arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeRoutingIndex(bytes)).toBeUndefined();
      }),
    );
  });
});
