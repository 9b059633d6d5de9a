/** Keys of packages that were revoked must stay so when an earlier deployment becomes active again. */
import { SkillosError } from '../errors/errors.ts';
import { KEYRING_FILE, isRevoked, readKeyring } from '../marketplace/keyring.ts';
import type { TrustedKey } from '../marketplace/keyring.ts';
import { jsonIn } from './content.ts';
import type { DeploymentContent } from './content.ts';

type Files = Pick<DeploymentContent, 'files'>;

/** Throws `key_revoked` if `next` trusts a key that `active` has revoked. */
export function refuseRevokedKeys(active: Files, next: Files): void {
  const revoked = new Set(
    keysIn(active)
      .filter(isRevoked)
      .map((key) => key.public_key),
  );
  const again = keysIn(next).find((key) => !isRevoked(key) && revoked.has(key.public_key));
  if (again === undefined) return;
  throw new SkillosError(
    'key_revoked',
    `That deployment trusts the key "${again.key_id}", which has been revoked since; nothing was activated`,
    { hint: `Deploy a skills root whose ${KEYRING_FILE} revokes it: skillos deploy` },
  );
}

function keysIn({ files }: Files): readonly TrustedKey[] {
  const text = files[KEYRING_FILE];
  const reading = readKeyring(typeof text === 'string' ? jsonIn(text) : undefined);
  return reading.status === 'read' ? reading.keyring.keys : []; // an invalid one trusts no key
}
