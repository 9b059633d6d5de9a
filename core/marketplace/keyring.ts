/** The keys that the operator trusts, and for which packages. */
import * as z from 'zod';
import { base64Bytes, isBase64 } from '../values/base64.ts';
import { globMatcher } from '../values/glob.ts';
import { msOf } from '../values/iso-time.ts';
import { contentProblem, issueText, keyIdSchema } from './package.ts';
import type { SkillPackage } from './package.ts';
import { signedText } from './signed-text.ts';

/** Path below the root. */
export const KEYRING_FILE = 'marketplace/keys.json';

const KEY_BYTES = 32;
/**
 * Public keys whose private half anybody can read in the sources of SkillOS. Production trusts none of them, under
 * whatever id.
 */
export const PUBLISHED_KEYS: readonly string[] = ['22lpp3Y/Cdf8MUKsdujWxRPoM80o3efcf0Mkst2oTSo='];

/** Base64 of the 32 bytes of an Ed25519 public key (RFC 8032). */
export const publicKeySchema = z
  .string()
  .refine((text) => isBase64(text) && base64Bytes(text) === KEY_BYTES, 'expected base64 of 32 bytes');
/** `community/*`, or one id. */
const namespaceSchema = z
  .string()
  .regex(/^[a-z0-9_*-]{1,63}\/[a-z0-9_*-]{1,63}$/, 'expected such as community/*');
const timeSchema = z.iso.datetime({
  offset: true,
  error: 'expected a time such as 2027-01-01T00:00:00Z',
});

const keySchema = z.strictObject({
  key_id: keyIdSchema,
  public_key: publicKeySchema,
  namespaces: z.array(namespaceSchema).min(1).max(64),
  not_before: timeSchema.exactOptional(),
  not_after: timeSchema.exactOptional(),
  revoked: z.union([z.boolean(), timeSchema], 'expected true or the time of the revocation').exactOptional(),
});
const keyringSchema = z.strictObject({ keys: z.array(keySchema).max(1000) }).superRefine(({ keys }, ctx) => {
  const again = keys.find(({ key_id: id }, at) => keys.findIndex((other) => other.key_id === id) !== at);
  if (again !== undefined)
    ctx.addIssue({ code: 'custom', message: `two keys have the id "${again.key_id}"` });
});

export type TrustedKey = z.output<typeof keySchema>;
export interface Keyring {
  readonly keys: readonly TrustedKey[];
}

export type KeyringReading =
  | { readonly status: 'read'; readonly keyring: Keyring }
  | { readonly status: 'refused'; readonly problem: string };

export function readKeyring(value: unknown): KeyringReading {
  const parsed = keyringSchema.safeParse(value);
  return parsed.success
    ? { status: 'read', keyring: parsed.data }
    : { status: 'refused', problem: issueText(parsed.error) };
}

/** True for a date of a revocation in the future too: a revocation is never planned. */
export function isRevoked({ revoked = false }: TrustedKey): boolean {
  return revoked !== false;
}

/** Says why a key is not valid at a time, in Unix milliseconds. */
export function validityProblem(
  { key_id: id, not_before: from, not_after: until }: TrustedKey,
  now: number,
): { readonly reason: 'key_not_valid_yet' | 'key_expired'; readonly message: string } | undefined {
  if (from !== undefined && now < msOf(from)) {
    return { reason: 'key_not_valid_yet', message: `the key "${id}" is not valid before ${from}` };
  }
  if (until !== undefined && now > msOf(until)) {
    return { reason: 'key_expired', message: `the key "${id}" was valid until ${until}` };
  }
  return undefined;
}

/** Verifies an Ed25519 signature; key and signature are base64. */
export type VerifySignature = (signed: {
  readonly publicKey: string;
  readonly text: string;
  readonly signature: string;
}) => boolean;

export interface TrustTerms {
  readonly keyring: Keyring;
  readonly verify: VerifySignature;
  readonly production: boolean;
  /** Unix milliseconds; absent for a package that is installed already, whose key may have expired meanwhile. */
  readonly now?: number;
}

export type Distrust =
  | 'unknown_key'
  | 'key_revoked'
  | 'key_not_valid_yet'
  | 'key_expired'
  | 'namespace_not_trusted'
  | 'published_key'
  | 'content_differs'
  | 'signature_invalid';

/** Says why a package is not trusted; undefined if its key, its contents and its signature are right. */
export function distrustOf(
  found: SkillPackage,
  { keyring, verify, production, now }: TrustTerms,
): { readonly reason: Distrust; readonly message: string } | undefined {
  const key = keyring.keys.find(({ key_id: id }) => id === found.keyId);
  if (key === undefined) {
    return { reason: 'unknown_key', message: `${KEYRING_FILE} holds no key "${found.keyId}"` };
  }
  const of = `the key "${key.key_id}"`;
  if (isRevoked(key)) return { reason: 'key_revoked', message: `${of} is revoked` };
  const invalid = now === undefined ? undefined : validityProblem(key, now);
  if (invalid !== undefined) return invalid;
  if (!key.namespaces.some((namespace) => globMatcher(namespace)(found.id))) {
    return {
      reason: 'namespace_not_trusted',
      message: `${of} is trusted for ${key.namespaces.join(', ')} alone`,
    };
  }
  if (production && PUBLISHED_KEYS.includes(key.public_key)) {
    return { reason: 'published_key', message: `${of} is a test key, whose private half is published` };
  }
  const differs = contentProblem(found);
  if (differs !== undefined) return { reason: 'content_differs', message: differs };
  const text = signedText(found.document);
  const isSigned =
    text !== undefined && verify({ publicKey: key.public_key, text, signature: found.signature });
  return isSigned
    ? undefined
    : { reason: 'signature_invalid', message: `it is not signed by ${of}, or was changed since` };
}
