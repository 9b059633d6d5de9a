import { Command, Option } from 'clipanion';
import { fingerprint, parsePublicKey } from '../../../../adapters/marketplace/ed25519.ts';
import { addKey } from '../../../../client/marketplace/keys.ts';
import { EXIT } from '../../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../../command.ts';
import { actorOf, identityOptions, readToken } from '../../../input/identity.ts';
import { marketplacePorts } from '../../../running/marketplace-ports.ts';
import { openCheckoutToWrite } from '../../../runtime.ts';

export class MarketplaceKeysAddCommand extends SkillosCommand {
  static override paths = [['marketplace', 'keys', 'add']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Trust a key for the packages of a namespace',
    details:
      'Compare the fingerprint that is printed with the one of the publisher, by another way than the catalogue.',
    examples: [
      [
        'For one domain',
        'skillos marketplace keys add acme-2027 --public-key @acme.pub.pem --namespace "acme/*"',
      ],
    ],
  });

  identity = identityOptions();
  keyId = Option.String({ name: 'key_id' });
  publicKey = Option.String('--public-key', {
    required: true,
    description: 'Ed25519 public key: base64 of 32 bytes, PEM, or @file with either',
  });
  namespaces = Option.Array('--namespace', {
    required: true,
    description: 'The packages it may sign, such as acme/*; repeat for more',
  });
  notBefore = Option.String('--not-before', { description: 'Valid from this time; ISO 8601' });
  notAfter = Option.String('--not-after', { description: 'Valid until this time; ISO 8601' });

  async perform() {
    const ports = marketplacePorts(this, openCheckoutToWrite);
    const publicKey = parsePublicKey((await readToken(this.publicKey)) ?? '');
    await addKey(ports, await actorOf(this), {
      key_id: this.keyId,
      public_key: publicKey,
      namespaces: this.namespaces,
      ...(this.notBefore === undefined ? {} : { not_before: this.notBefore }),
      ...(this.notAfter === undefined ? {} : { not_after: this.notAfter }),
    });
    const shown = fingerprint(publicKey);
    this.print({
      text: [`key_added: ${this.keyId}`, `fingerprint: ${shown}`],
      json: { schema: 'skillos.key/v1', key_id: this.keyId, fingerprint: shown },
    });
    return EXIT.ok;
  }
}
