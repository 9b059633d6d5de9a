/** Adds keys to the operator's keyring, and revokes them. */
import { SkillosError } from '../../core/errors/errors.ts';
import { PUBLISHED_KEYS, isRevoked, readKeyring } from '../../core/marketplace/keyring.ts';
import type { TrustedKey } from '../../core/marketplace/keyring.ts';
import { isoTime } from '../../core/values/iso-time.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import type { MarketplacePorts } from './ports.ts';

/** Rejects with `already_exists`, or with `usage` for a field that is not valid. */
export async function addKey(ports: MarketplacePorts, actor: Actor, key: TrustedKey): Promise<void> {
  await authorize(ports, actor, { operation: 'skills:write' });
  if (ports.production && PUBLISHED_KEYS.includes(key.public_key)) {
    throw new SkillosError('usage', 'Production trusts no test key, because its private half is published');
  }
  await ports.packages.exclusively(async () => {
    const { keys } = ports.packages.keyring();
    if (keys.some(({ key_id: id }) => id === key.key_id)) {
      throw new SkillosError('already_exists', `The keyring holds a key "${key.key_id}" already`);
    }
    const reading = readKeyring({ keys: [...keys, key] });
    if (reading.status === 'refused') throw new SkillosError('usage', `Invalid key: ${reading.problem}`);
    await ports.packages.saveKeyring(reading.keyring);
    const after = { key_id: key.key_id, public_key: key.public_key, namespaces: key.namespaces };
    await recordAudit(ports, actor, { action: 'marketplace_key_added', after });
  });
}

/** Its packages stop with their next run. Rejects with `unknown_key`. A key that is revoked already stays as it is. */
export async function revokeKey(ports: MarketplacePorts, actor: Actor, id: string): Promise<void> {
  await authorize(ports, actor, { operation: 'skills:write' });
  await ports.packages.exclusively(async () => {
    const { keys } = ports.packages.keyring();
    const key = keys.find(({ key_id: known }) => known === id);
    if (key === undefined)
      throw new SkillosError('unknown_key', `The keyring holds no key ${JSON.stringify(id)}`);
    if (isRevoked(key)) return;
    const revoked = { ...key, revoked: isoTime(ports.now()) };
    await ports.packages.saveKeyring({ keys: keys.map((each) => (each === key ? revoked : each)) });
    await recordAudit(ports, actor, { action: 'marketplace_key_revoked', after: { key_id: id } });
  });
}
