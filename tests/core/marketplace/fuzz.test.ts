import * as fc from 'fast-check';
import { verifySignature } from '../../../adapters/marketplace/ed25519.ts';
import { isSkillosError } from '../../../core/errors/errors.ts';
import type { JsonValue } from '../../../core/json.ts';
import { readCatalogue } from '../../../core/marketplace/catalogue.ts';
import { demandTrust, planInstall } from '../../../core/marketplace/install-plan.ts';
import type { SkillPackage } from '../../../core/marketplace/package.ts';
import { canonicalText } from '../../../core/marketplace/signed-text.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { parseStrictJson } from '../../../core/values/strict-json.ts';
import { FIXTURE_KEY_ID, aPackage, fixtureSigner } from '../../support/marketplace-fixtures.ts';

const DOCUMENTS = [
  aPackage('acme/report', { hosts: ['api.example'], needs: { 'acme/lib': '^1.0.0' } }),
  aPackage('acme/lib'),
];
const SIGNED = DOCUMENTS.map(canonicalText);
const TEXT = JSON.stringify(DOCUMENTS);
const TRUST = {
  keyring: {
    keys: [{ key_id: FIXTURE_KEY_ID, public_key: fixtureSigner.publicKey, namespaces: ['acme/*'] }],
  },
  verify: verifySignature,
  production: false,
};

/** The packages that would be written; undefined if the catalogue is refused. */
function planned(text: string): readonly SkillPackage[] | undefined {
  try {
    const entries = parseStrictJson(text);
    const catalogue = readCatalogue('c.json', Array.isArray(entries) ? (entries as JsonValue[]) : []);
    const goals = [{ id: parseSkillId('acme/report'), version: '*' }];
    const steps = planInstall({ catalogue, lock: new Map(), installed: new Map(), goals, update: false });
    const packages = steps.map((step) => step.package);
    demandTrust(packages, TRUST);
    return packages;
  } catch (error) {
    if (isSkillosError(error)) return undefined;
    throw error;
  }
}

test('of 10,000 damaged catalogues none installs what was not signed, and none ends in another error', () => {
  let refused = 0;
  const piece = fc.oneof(
    fc.constantFrom('', '"', '0', '{', '}', '[', ']', ',', '\\', '/', '.', 'a', '\ud800', '__proto__'),
    fc.string({ maxLength: 3 }),
    fc.nat({ max: TEXT.length }).map((at) => TEXT.slice(at, at + 40)),
  );
  const at = fc.nat({ max: TEXT.length });
  fc.assert(
    fc.property(at, fc.integer({ min: 0, max: 40 }), piece, (index, length, inserted) => {
      const packages = planned(TEXT.slice(0, index) + inserted + TEXT.slice(index + length));
      if (packages === undefined) refused++;
      for (const { document } of packages ?? []) expect(SIGNED).toContain(canonicalText(document));
    }),
    { numRuns: 10_000 },
  );
  expect(refused).toBeGreaterThan(5_000);
  expect(planned(TEXT)).toHaveLength(2);
});
