/** Keys of packages that were revoked must stay so, whatever is deployed or activated later. */
import { SkillosError } from '../errors/errors.ts';
import { KEYRING_FILE, isRevoked, readKeyring } from '../marketplace/keyring.ts';
import type { TrustedKey } from '../marketplace/keyring.ts';
import { jsonIn } from '../values/json-text.ts';
import type { DeploymentContent } from './content.ts';

/**
 * Returns the public keys that are revoked once a deployment with these keys is active, those of before included. Throws
 * `key_revoked` if it trusts one that was revoked before.
 */
export function revokedAfter(before: readonly string[] = [], keys: readonly TrustedKey[]): readonly string[] {
  const revoked = new Set(before);
  const again = keys.find((key) => !isRevoked(key) && revoked.has(key.public_key));
  if (again === undefined) {
    return [...new Set([...before, ...keys.filter(isRevoked).map((key) => key.public_key)])];
  }
  throw new SkillosError(
    'key_revoked',
    `The deployment trusts the key "${again.key_id}", which an earlier one revoked; nothing was activated`,
    { hint: `Revoke it in ${KEYRING_FILE} of the skills root, or remove it, then: skillos deploy` },
  );
}

/** Returns the keys in the keyring of a deployment; none for an invalid one, which trusts nobody. */
export function keysIn({ files }: Pick<DeploymentContent, 'files'>): readonly TrustedKey[] {
  const text = files[KEYRING_FILE];
  const reading = readKeyring(typeof text === 'string' ? jsonIn(text) : undefined);
  return reading.status === 'read' ? reading.keyring.keys : [];
}
