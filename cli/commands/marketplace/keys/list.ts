import { Command } from 'clipanion';
import { fingerprint } from '../../../../adapters/marketplace/ed25519.ts';
import { EXIT } from '../../../../core/errors/exit-codes.ts';
import { PUBLISHED_KEYS, isRevoked, validityProblem } from '../../../../core/marketplace/keyring.ts';
import type { TrustedKey } from '../../../../core/marketplace/keyring.ts';
import { SkillosCommand } from '../../../command.ts';
import { marketplacePorts } from '../../../running/marketplace-ports.ts';
import { renderTable } from '../../../views/table.ts';

export class MarketplaceKeysListCommand extends SkillosCommand {
  static override paths = [['marketplace', 'keys', 'list']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'List the keys that may sign packages',
    details: 'Compare a fingerprint with the one that its publisher shows.',
    examples: [['The keys of a root', 'skillos marketplace keys list --root skills']],
  });

  async perform() {
    const { keys } = marketplacePorts(this).packages.keyring();
    const now = this.context.now();
    const items = keys.map((key) => itemOf(key, now));
    const rows = items.map((key) => [key.key_id, key.status, key.namespaces.join(', '), key.fingerprint]);
    this.print({
      text: items.length === 0 ? 'no_keys' : renderTable(['KEY', 'STATUS', 'FOR', 'FINGERPRINT'], rows),
      json: { schema: 'skillos.keys/v1', items },
    });
    return EXIT.ok;
  }
}

function itemOf(key: TrustedKey, now: number) {
  return { ...key, fingerprint: fingerprint(key.public_key), status: statusOf(key, now) };
}

function statusOf(key: TrustedKey, now: number): string {
  if (isRevoked(key)) return 'revoked';
  const invalid = validityProblem(key, now);
  if (invalid !== undefined) return invalid.reason === 'key_expired' ? 'expired' : 'not valid yet';
  return PUBLISHED_KEYS.includes(key.public_key) ? 'test key' : 'valid';
}
