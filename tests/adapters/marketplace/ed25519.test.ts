import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  fingerprint,
  parsePublicKey,
  signerOf,
  verifyBytes,
  verifySignature,
} from '../../../adapters/marketplace/ed25519.ts';

const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');

/** RFC 8032, section 7.1, tests 1 and 2: public key, message, signature. */
const VECTORS = [
  [
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    'r',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
] as const;

describe('verifySignature', () => {
  test.each(VECTORS)('accepts the vector of %s and nothing beside it', (key, text, signature) => {
    const given = { publicKey: base64(key), text, signature: base64(signature) };
    const turned = (hex: string) => base64(`${hex.slice(0, -2)}${hex.endsWith('00') ? '01' : '00'}`);
    expect([
      verifySignature(given),
      verifySignature({ ...given, text: `${text} ` }),
      verifySignature({ ...given, signature: turned(signature) }),
      verifySignature({ ...given, publicKey: base64(VECTORS[0][0] === key ? VECTORS[1][0] : VECTORS[0][0]) }),
      verifySignature({ ...given, signature: base64(signature.slice(2)) }),
      verifySignature({ ...given, publicKey: 'AAAA' }),
    ]).toEqual([true, false, false, false, false, false]);
  });

  test('refuses a second signature that is made from the first, by adding the order of the group', () => {
    const [, [key, text, signature]] = VECTORS;
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const scalar = BigInt(`0x${Buffer.from(signature.slice(64), 'hex').reverse().toString('hex')}`) + order;
    const bytes = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex').reverse().toString('hex');
    const other = base64(`${signature.slice(0, 64)}${bytes}`);
    expect(verifySignature({ publicKey: base64(key), text, signature: other })).toBe(false);
  });
});

describe('verifyBytes', () => {
  interface Vectors {
    readonly numberOfTests: number;
    readonly testGroups: readonly {
      readonly publicKey: { readonly pk: string };
      readonly tests: readonly {
        readonly tcId: number;
        readonly flags: readonly string[];
        readonly msg: string;
        readonly sig: string;
        readonly result: 'valid' | 'invalid';
      }[];
    }[];
  }

  test('agrees with every vector of Wycheproof', () => {
    const file = path.join(import.meta.dirname, '../../fixtures/wycheproof/ed25519_test.json');
    const { numberOfTests, testGroups } = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
    const all = testGroups.flatMap(({ publicKey: { pk }, tests }) =>
      tests.map((vector) => ({ pk, ...vector })),
    );
    expect([all.length, numberOfTests]).toEqual([151, 151]);
    const wrong = all.filter(({ pk, msg, sig, result }) => {
      const signed = { publicKey: base64(pk), bytes: Buffer.from(msg, 'hex'), signature: base64(sig) };
      return verifyBytes(signed) !== (result === 'valid');
    });
    expect(wrong.map(({ tcId, flags }) => `${tcId} ${flags.join(' ')}`)).toEqual([]);
  });
});

describe('signerOf and parsePublicKey', () => {
  const pair = generateKeyPairSync('ed25519');
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

  test('sign what the public key verifies, in either of its forms', () => {
    const signer = signerOf(pem);
    const publicPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(parsePublicKey(publicPem)).toBe(signer.publicKey);
    expect(parsePublicKey(` ${signer.publicKey}\n`)).toBe(signer.publicKey);
    const signed = { publicKey: signer.publicKey, text: 'text', signature: signer.sign('text') };
    expect(verifySignature(signed)).toBe(true);
  });

  test('refuse keys of other kinds, and never quote them', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const wrong = other.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    for (const text of [wrong, 'secret text', '']) {
      expect(() => signerOf(text)).toThrow(expect.objectContaining({ code: 'input_unreadable' }));
      expect(() => parsePublicKey(text)).toThrow(expect.objectContaining({ code: 'usage' }));
    }
    expect(() => parsePublicKey(pem)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(pem) }),
    );
  });
});

test('fingerprint has the form of OpenSSH', () => {
  expect(fingerprint(base64('00'.repeat(32)))).toBe('SHA256:Zmh6rfhivXdsj8GLjp+OIAiXFIVu4jOzkCpZHQ1fKSU');
});
