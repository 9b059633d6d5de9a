import { Command, Option } from 'clipanion';
import { presentOrFolder } from '../../../adapters/deployments/present-root.ts';
import { secretUses } from '../../../adapters/secrets/secret-uses.ts';
import { secretNamesIn, setSecrets } from '../../../adapters/secrets/secrets-file.ts';
import { nameToStore } from '../../../core/connectors/secret-check.ts';
import { SECRETS_FILE, assertSecretName } from '../../../core/connectors/secrets-file.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { readSecrets } from '../../input/secret-input.ts';
import { openRuntime } from '../../runtime.ts';

export class SecretsInitCommand extends SkillosCommand {
  static override paths = [['secrets', 'init']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Ask for the secrets of a connector or a skill, and write them to secrets/.env',
    details:
      'Reads each value from a hidden prompt, or one line for each from standard input, in the order shown.',
    examples: [['Of a connector', 'skillos secrets init --connector weather']],
  });

  connector = Option.String('--connector', { description: 'Id of a connector' });
  skill = Option.String('--skill', { description: 'Id of a skill' });

  async perform() {
    const { root, roots } = openRuntime(this);
    const { folder, catalogs } = await presentOrFolder(roots, root)();
    const owner = ownerOf(this.connector, this.skill);
    const catalog = await catalogs.load();
    const own = await secretUses(folder, catalog, owner);
    const known = { uses: await secretUses(folder, catalog), stored: secretNamesIn(root) };
    const names = [...new Set(own.map((use) => nameToStore(use, known)))];
    names.forEach(assertSecretName);
    const json = { schema: 'skillos.secrets.set/v1', file: SECRETS_FILE, names };
    if (names.length === 0) {
      this.print({ text: 'no_secrets_required', json });
      return EXIT.ok;
    }
    this.note(`required_secrets: ${names.join(', ')}`);
    const values = await readSecrets(names, this.context);
    await setSecrets(
      root,
      names.map((name, index) => ({ name, value: values[index] as string })), // as many as names
    );
    this.print({ text: `secrets_written: ${SECRETS_FILE}`, json });
    return EXIT.ok;
  }
}

function ownerOf(connector: string | undefined, skill: string | undefined) {
  if (connector !== undefined && skill === undefined) return { kind: 'connector', owner: connector } as const;
  if (skill !== undefined && connector === undefined) return { kind: 'skill', owner: skill } as const;
  throw new SkillosError('usage', 'Expected either --connector or --skill');
}
