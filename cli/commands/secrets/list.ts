import { Command } from 'clipanion';
import { presentOrFolder } from '../../../adapters/deployments/present-root.ts';
import { secretUses } from '../../../adapters/secrets/secret-uses.ts';
import { secretNamesIn } from '../../../adapters/secrets/secrets-file.ts';
import { usersOf } from '../../../core/connectors/secret-check.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { renderTable } from '../../views/table.ts';
import { openRuntime } from '../../runtime.ts';

export class SecretsListCommand extends SkillosCommand {
  static override paths = [['secrets', 'list']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'List the names in secrets/.env, and who uses them',
    details: 'Values are never shown.',
    examples: [['The names', 'skillos secrets list']],
  });

  async perform() {
    const { root, roots } = openRuntime(this);
    const { folder, catalogs } = await presentOrFolder(roots, root)();
    const uses = await secretUses(folder, await catalogs.load());
    const items = secretNamesIn(root).map((name) => ({ name, used_by: usersOf(name, uses) }));
    const rows = items.map(({ name, used_by: users }) => [name, users.join(', ')]);
    this.print({
      text: items.length === 0 ? 'no_secrets' : renderTable(['NAME', 'USED BY'], rows),
      json: { schema: 'skillos.secrets/v1', items },
    });
    return EXIT.ok;
  }
}
