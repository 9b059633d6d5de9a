import type { JsonObject } from '../../../core/json.ts';
import { PUBLISHED_KEYS, distrustOf, isRevoked, readKeyring } from '../../../core/marketplace/keyring.ts';
import type { Keyring, TrustTerms, TrustedKey } from '../../../core/marketplace/keyring.ts';
import { readPackage } from '../../../core/marketplace/package.ts';
import type { SkillPackage } from '../../../core/marketplace/package.ts';
import { signerOf, verifySignature } from '../../../adapters/marketplace/ed25519.ts';
import { aPackage, fixtureSigner } from '../../support/marketplace-fixtures.ts';
import { generateKeyPairSync } from 'node:crypto';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const { privateKey } = generateKeyPairSync('ed25519');
const signer = signerOf(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
const KEY: TrustedKey = { key_id: 'acme', public_key: signer.publicKey, namespaces: ['acme/*', 'other/one'] };

function read(document: JsonObject): SkillPackage {
  const reading = readPackage(document, '[0]');
  if (reading.status !== 'read') throw new Error(reading.problem);
  return reading.package;
}

const signed = (id: string, terms = {}) =>
  read(aPackage(id, { keyId: 'acme', sign: (text) => signer.sign(text), ...terms }));

function terms(key: Partial<TrustedKey> = {}, more: Partial<TrustTerms> = {}): TrustTerms {
  return {
    keyring: { keys: [{ ...KEY, ...key }] },
    verify: verifySignature,
    production: true,
    now: NOW,
    ...more,
  };
}

describe('distrustOf', () => {
  test.each<[string, Partial<TrustedKey>]>([
    ['acme/report', {}],
    ['other/one', {}],
    ['acme/report', { not_before: '2026-01-01T00:00:00Z', not_after: '2026-12-31T00:00:00Z' }],
    ['acme/report', { revoked: false }],
  ])('trusts %s with %j', (id, key) => {
    expect(distrustOf(signed(id), terms(key))).toBeUndefined();
  });

  test.each<[string, Partial<TrustedKey>, string]>([
    ['acme/report', { key_id: 'other' }, 'unknown_key'],
    ['acme/report', { revoked: true }, 'key_revoked'],
    ['acme/report', { revoked: '2030-01-01T00:00:00Z' }, 'key_revoked'],
    ['acme/report', { not_before: '2026-07-01T00:00:00Z' }, 'key_not_valid_yet'],
    ['acme/report', { not_after: '2026-05-01T00:00:00Z' }, 'key_expired'],
    ['other/two', {}, 'namespace_not_trusted'],
    ['acme/report', { public_key: fixtureSigner.publicKey }, 'published_key'],
  ])('does not trust %s with %j: %s', (id, key, reason) => {
    expect(distrustOf(signed(id), terms(key))?.reason).toBe(reason);
  });

  test('trusts a test key outside production', () => {
    const found = read(aPackage('acme/report', { keyId: 'acme' }));
    const key = { public_key: fixtureSigner.publicKey };
    expect(distrustOf(found, terms(key, { production: false }))).toBeUndefined();
  });

  test('an installed package outlives the validity of its key', () => {
    const { now: _, ...without } = terms({
      not_after: '2026-05-01T00:00:00Z',
      not_before: '2026-04-01T00:00:00Z',
    });
    expect(distrustOf(signed('acme/report'), without)).toBeUndefined();
  });

  test.each<[string, JsonObject]>([
    ['version', { version: '1.0.1', manifest: { ...signed('acme/report').manifest, version: '1.0.1' } }],
    ['capabilities', { capabilities: { hosts: ['evil.example'], connectors: [], secrets: [] } }],
    ['dependencies', { dependencies: [{ id: 'evil/one', version: '*' }] }],
  ])('notices a change of %s', (_, change) => {
    const found = read({ ...signed('acme/report').document, ...change });
    expect(distrustOf(found, terms())?.reason).toBe('signature_invalid');
  });

  test('notices a change of the code, with and without its hash', () => {
    const { document } = signed('acme/report');
    const [file] = document['files'] as readonly JsonObject[];
    expect(distrustOf(read({ ...document, files: [{ ...file, content: 'x' }] }), terms())?.reason).toBe(
      'content_differs',
    );
  });

  test('has no signature for text that is not Unicode', () => {
    const { document, manifest } = signed('acme/report');
    const found = read({ ...document, manifest: { ...manifest, extra: '\ud800' } });
    expect(distrustOf(found, terms())?.reason).toBe('signature_invalid');
  });
});

describe('readKeyring', () => {
  test('reads keys', () => {
    const keyring: Keyring = { keys: [KEY, { ...KEY, key_id: 'second', revoked: true }] };
    expect(readKeyring(keyring)).toEqual({ status: 'read', keyring });
  });

  test.each<[unknown, string]>([
    [{}, 'keys'],
    [{ keys: [{ ...KEY, public_key: 'AAAA' }] }, 'keys.0.public_key: expected base64 of 32 bytes'],
    [{ keys: [{ ...KEY, namespaces: [] }] }, 'keys.0.namespaces'],
    [{ keys: [{ ...KEY, namespaces: ['*'] }] }, 'keys.0.namespaces.0: expected such as community/*'],
    [{ keys: [{ ...KEY, not_after: 'soon' }] }, 'keys.0.not_after: expected a time'],
    [{ keys: [{ ...KEY, revoked: 'yes' }] }, 'keys.0.revoked: expected'],
    [{ keys: [{ ...KEY, trust: 'all' }] }, 'Unrecognized key'],
    [{ keys: [KEY, KEY] }, 'two keys have the id "acme"'],
  ])('refuses %j', (value, problem) => {
    const reading = readKeyring(value);
    expect(reading.status === 'refused' && reading.problem).toContain(problem);
  });
});

test('a key is revoked from the moment on that its entry says so', () => {
  expect([isRevoked(KEY), isRevoked({ ...KEY, revoked: '2999-01-01T00:00:00Z' })]).toEqual([false, true]);
});

test('the key of the fixtures is a published one', () => {
  expect(PUBLISHED_KEYS).toContain(fixtureSigner.publicKey);
});
