import { Command, Option } from 'clipanion';
import { revokeKey } from '../../../../client/marketplace/keys.ts';
import { EXIT } from '../../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../../command.ts';
import { actorOf, identityOptions } from '../../../input/identity.ts';
import { marketplacePorts } from '../../../running/marketplace-ports.ts';
import { openCheckoutToWrite } from '../../../runtime.ts';

export class MarketplaceKeysRevokeCommand extends SkillosCommand {
  static override paths = [['marketplace', 'keys', 'revoke']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Revoke a key: its packages neither install nor run any more',
    details:
      'A revocation counts from the next run. The key stays in the keyring, so that its id is not used again.',
    examples: [['A key', 'skillos marketplace keys revoke acme-2027']],
  });

  identity = identityOptions();
  keyId = Option.String({ name: 'key_id' });

  async perform() {
    await revokeKey(marketplacePorts(this, openCheckoutToWrite), await actorOf(this), this.keyId);
    this.print({
      text: `key_revoked: ${this.keyId}`,
      json: { schema: 'skillos.key/v1', key_id: this.keyId, status: 'revoked' },
    });
    return EXIT.ok;
  }
}
