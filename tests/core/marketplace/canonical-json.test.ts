/** The canonical JSON that signatures cover, against another published implementation of RFC 8785. */
import * as fc from 'fast-check';
import { canonicalize } from 'json-canonicalize';
import { canonicalText } from '../../../core/marketplace/signed-text.ts';
import type { JsonObject } from '../../../core/json.ts';
import { canonicalJson } from '../../../core/values/digest.ts';

/** Names that an engine or a sort by code points would put elsewhere, and any others. */
const name = fc.oneof(
  fc.constantFrom('1', '9', '10', '', '__proto__', 'constructor', '\u20ac', '\ufb33', '\ud83d\ude00', '\r'),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
/** Any bits that are a number: `fc.double` prefers those near to zero. */
const number = fc
  .uint8Array({ minLength: 8, maxLength: 8 })
  .map((bytes) => Buffer.from(bytes).readDoubleBE())
  .filter(Number.isFinite);
const leaf = fc.oneof(
  number,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(true, false, null),
);
const { document } = fc.letrec<{ document: JsonObject; value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value'), { maxLength: 4 }), tie('document')),
  document: fc.dictionary(name, tie('value'), {
    maxKeys: 5,
    noNullPrototype: true,
  }) as fc.Arbitrary<JsonObject>,
}));

test('both give the same text for any document', () => {
  fc.assert(
    fc.property(document, (given) => {
      expect(canonicalText(given)).toBe(canonicalize(given));
    }),
    { numRuns: 2_000 },
  );
});

test('the text is read back as the document, and has no other canonical form', () => {
  fc.assert(
    fc.property(document, (given) => {
      const text = canonicalText(given) ?? '';
      expect(canonicalText(JSON.parse(text) as JsonObject)).toBe(text);
      expect(canonicalJson(JSON.parse(text) as JsonObject)).toBe(canonicalJson(given));
    }),
    { numRuns: 2_000 },
  );
});
