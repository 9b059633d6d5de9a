import { Command, Option } from 'clipanion';
import { openCatalog } from '../../../adapters/catalog/catalog.ts';
import { setSecrets } from '../../../adapters/secrets/secrets-file.ts';
import { SECRETS_FILE, assertSecretName } from '../../../core/connectors/secrets-file.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { readSecrets } from '../../input/secret-input.ts';

export class SecretsSetCommand extends SkillosCommand {
  static override paths = [['secrets', 'set']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Set a secret in secrets/.env',
    details: 'Reads the value from a hidden prompt, or one line of standard input.',
    examples: [['A key of a service', 'skillos secrets set API_KEY']],
  });

  name = Option.String({ name: 'name' });

  async perform() {
    const { root } = this.config;
    assertSecretName(this.name);
    await openCatalog(root).load(); // fails if there is no root
    const [value = ''] = await readSecrets([this.name], this.context);
    await setSecrets(root, [{ name: this.name, value }]);
    this.print({
      text: `secrets_written: ${SECRETS_FILE}`,
      json: { schema: 'skillos.secrets.set/v1', file: SECRETS_FILE, names: [this.name] },
    });
    return EXIT.ok;
  }
}
