import { Command } from 'clipanion';
import { presentOrFolder } from '../../../adapters/deployments/present-root.ts';
import { secretUses } from '../../../adapters/secrets/secret-uses.ts';
import { openSecretSources } from '../../../adapters/secrets/secrets.ts';
import { secretsFileProblem } from '../../../adapters/secrets/secrets-file.ts';
import { checkSecret, secretsDocument } from '../../../core/connectors/secret-check.ts';
import type { SecretState } from '../../../core/connectors/secret-check.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { plain } from '../../views/plain-text.ts';
import { renderTable } from '../../views/table.ts';
import { openRuntime } from '../../runtime.ts';

export class SecretsCheckCommand extends SkillosCommand {
  static override paths = [['secrets', 'check']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Check that the secrets of all connectors and skills are set',
    details:
      'Where hosts run what was deployed, it checks what that uses. Looks into the environment of this command and into ' +
      'secrets/.env of the root. Exits with 1 if one is missing, or if other ' +
      'users may read the file.',
    examples: [['All secrets', 'skillos secrets check']],
  });

  async perform() {
    const { production } = this.config;
    const { root, roots } = openRuntime(this);
    const { folder, catalogs } = await presentOrFolder(roots, root)();
    const uses = await secretUses(folder, await catalogs.load());
    const sources = openSecretSources({ root, env: this.context.env, production });
    const states = uses.map((use) => checkSecret(use, sources));
    const problem = secretsFileProblem(root);
    const document = secretsDocument(states, problem);
    const table =
      states.length === 0
        ? ['no_secrets_required']
        : renderTable(['USED BY', 'KEY', 'FOUND'], states.map(rowOf));
    this.print({ text: document.valid ? [...table, 'secrets_ok'] : table, json: document });
    if (problem !== undefined) this.note(`secrets_file: ${problem}`);
    return document.valid ? EXIT.ok : EXIT.failed;
  }
}

function rowOf({ owner, key, names, found, source }: SecretState): readonly string[] {
  const state =
    found === undefined ? `missing: ${names.join(' or ') || 'a setting'}` : `${found} (${source})`;
  return [owner, key, state].map(plain);
}
