import * as fc from 'fast-check';
import { verifySignature } from '../../../adapters/marketplace/ed25519.ts';
import type { JsonValue } from '../../../core/json.ts';
import { distrustOf } from '../../../core/marketplace/keyring.ts';
import { readPackage } from '../../../core/marketplace/package.ts';
import { canonicalText } from '../../../core/marketplace/signed-text.ts';
import { FIXTURE_KEY_ID, aPackage, fixtureSigner } from '../../support/marketplace-fixtures.ts';

const DOCUMENT = aPackage('acme/report', { hosts: ['api.example'], needs: { 'acme/lib': '^1.0.0' } });
const TEXT = JSON.stringify(DOCUMENT);
const keyring = {
  keys: [{ key_id: FIXTURE_KEY_ID, public_key: fixtureSigner.publicKey, namespaces: ['acme/*'] }],
};

/** Parses a text that may have been damaged. */
function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

test('of 3,000 damaged packages none is trusted, unless the damage changes nothing', () => {
  let wellFormed = 0;
  const piece = fc.oneof(
    fc.constantFrom('', '"', '0', '{', '}', ',', '\\', '/', '.', 'a'),
    fc.string({ maxLength: 3 }),
  );
  const at = fc.nat({ max: TEXT.length });
  fc.assert(
    fc.property(at, fc.integer({ min: 0, max: 3 }), piece, (index, length, inserted) => {
      const value = parsed(TEXT.slice(0, index) + inserted + TEXT.slice(index + length));
      if (value === undefined) return;
      wellFormed++;
      const reading = readPackage(value, '[0]');
      if (reading.status === 'refused') return;
      const distrust = distrustOf(reading.package, { keyring, verify: verifySignature, production: false });
      if (distrust === undefined)
        expect(canonicalText(reading.package.document)).toBe(canonicalText(DOCUMENT));
    }),
    { numRuns: 3_000 },
  );
  expect(wellFormed).toBeGreaterThan(300);
});
