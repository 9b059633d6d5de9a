/** The canonical JSON that signatures cover, against a second implementation of RFC 8785. */
import * as fc from 'fast-check';
import { canonicalText } from '../../../core/marketplace/signed-text.ts';
import type { JsonObject, JsonValue } from '../../../core/json.ts';
import { canonicalJson } from '../../../core/values/digest.ts';

/** Names that an engine or a sort by code points would put elsewhere, and any others. */
const name = fc.oneof(
  fc.constantFrom('1', '9', '10', '', '__proto__', 'constructor', '\u20ac', '\ufb33', '\ud83d\ude00', '\r'),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const leaf = fc.oneof(
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

/** Sections 3.2.2 and 3.2.3: numbers and strings as ECMAScript writes them, names by their UTF-16 code units. */
function reference(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(reference).join(',')}]`;
  const members = Object.entries(value as JsonObject).map(([key, item]) => ({ key, text: reference(item) }));
  members.sort((a, b) => compareUnits(a.key, b.key));
  return `{${members.map(({ key, text }) => `${JSON.stringify(key)}:${text}`).join(',')}}`;
}

function compareUnits(a: string, b: string): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const difference = a.charCodeAt(at) - b.charCodeAt(at);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

test('both give the same text for any document', () => {
  fc.assert(
    fc.property(document, (given) => {
      expect(canonicalText(given)).toBe(reference(given));
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
