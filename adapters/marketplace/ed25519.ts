/** Ed25519 (RFC 8032) by OpenSSL; public keys are base64 of 32 bytes, private keys PEM. */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { SkillosError } from '../../core/errors/errors.ts';
import { publicKeySchema } from '../../core/marketplace/keyring.ts';
import type { VerifySignature } from '../../core/marketplace/keyring.ts';
import { sha256 } from '../../core/values/digest.ts';

interface SignedBytes {
  readonly publicKey: string;
  readonly bytes: Uint8Array;
  readonly signature: string;
}

export const verifySignature: VerifySignature = ({ text, ...signed }) =>
  verifyBytes({ ...signed, bytes: Buffer.from(text) });

export function verifyBytes({ publicKey, bytes, signature }: SignedBytes): boolean {
  try {
    const x = Buffer.from(publicKey, 'base64').toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return verify(null, bytes, key, Buffer.from(signature, 'base64'));
  } catch {
    return false; // such as a key that is no point of the curve
  }
}

export interface Signer {
  readonly publicKey: string;
  /** Returns base64. */
  sign(text: string): string;
}

/** Throws `input_unreadable` if the text is no Ed25519 private key in PEM; the text is not part of the error. */
export function signerOf(pem: string): Signer {
  const key = read(() => createPrivateKey(pem));
  if (key === undefined) {
    throw new SkillosError(
      'input_unreadable',
      'The key file holds no Ed25519 private key in PEM without a password',
      {
        hint: 'Make one: openssl genpkey -algorithm ed25519 -out key.pem',
      },
    );
  }
  return {
    publicKey: rawKey(createPublicKey(key)),
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64'),
  };
}

/** Reads a public key in base64 of its 32 bytes, or in PEM. Throws `usage`. */
export function parsePublicKey(text: string): string {
  const given = text.trim();
  if (publicKeySchema.safeParse(given).success) return given;
  const key = given.startsWith('-----BEGIN PUBLIC KEY-----') ? read(() => createPublicKey(given)) : undefined;
  if (key !== undefined) return rawKey(key);
  throw new SkillosError('usage', 'Expected an Ed25519 public key: base64 of 32 bytes, or PEM', {
    hint: 'skillos marketplace publish prints the public key of a private one',
  });
}

/** A text for people to compare, in the form of OpenSSH. */
export function fingerprint(publicKey: string): string {
  const hash = Buffer.from(sha256(Buffer.from(publicKey, 'base64')), 'hex');
  return `SHA256:${hash.toString('base64').replace(/=+$/, '')}`;
}

function read(open: () => KeyObject): KeyObject | undefined {
  try {
    const key = open();
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

function rawKey(key: KeyObject): string {
  const { x = '' } = key.export({ format: 'jwk' });
  return Buffer.from(x, 'base64url').toString('base64');
}
