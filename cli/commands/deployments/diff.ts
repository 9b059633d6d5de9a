import { Command, Option } from 'clipanion';
import { compareDeployments } from '../../../client/deployments/deployments.ts';
import { shortId } from '../../../core/deployments/content.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions } from '../../input/identity.ts';
import { changeLines } from './change-lines.ts';
import { openDeployments } from './ports.ts';

export class DeploymentsDiffCommand extends SkillosCommand {
  static override paths = [['deployments', 'diff']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Compare two deployments',
    details: 'Requires the permission skills:write.',
    examples: [['What going back would change', 'skillos deployments diff active 3f0c2a91d4e7']],
  });

  identity = identityOptions();
  from = Option.String({ name: 'from' });
  to = Option.String({ name: 'to' });

  async perform() {
    const { ports, rights } = openDeployments(this);
    const { from, to, changes } = await compareDeployments(ports, await rights(), [this.from, this.to]);
    this.print({
      text: [
        `--- ${shortId(from)}`,
        `+++ ${shortId(to)}`,
        ...(changes.length === 0 ? ['no_changes'] : changeLines(changes)),
      ],
      json: {
        schema: 'skillos.deployment-diff/v1',
        from,
        to,
        changes,
      },
    });
    return EXIT.ok;
  }
}
