import { Command, Option } from 'clipanion';
import { deploymentItem, deploymentList } from '../../../client/deployments/deployments.ts';
import { shortId } from '../../../core/deployments/content.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions } from '../../input/identity.ts';
import { limitOf } from '../../input/list-options.ts';
import { oneLine } from '../../views/plain-text.ts';
import { renderTable } from '../../views/table.ts';
import { openDeployments } from './ports.ts';

export class DeploymentsListCommand extends SkillosCommand {
  static override paths = [['deployments', 'list']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'List deployments, newest first',
    details: 'Requires the permission skills:write.',
    examples: [['The last ones', 'skillos deployments list']],
  });

  identity = identityOptions();
  limit = Option.String('--limit', '20', { description: 'How many at most' });
  after = Option.String('--after', { description: 'Continue after this position: next of the page before' });

  async perform() {
    const { ports, rights } = openDeployments(this);
    const page = { limit: limitOf(this.limit), after: this.after };
    const { items, next } = await deploymentList(ports, await rights(), page);
    const rows = items.map(({ id, at, by, skills, message = '', active }) => [
      shortId(id),
      active ? 'active' : '',
      at,
      oneLine(by),
      String(skills),
      oneLine(message),
    ]);
    this.print({
      text:
        rows.length === 0
          ? 'no_deployments'
          : renderTable(['DEPLOYMENT', 'STATE', 'AT', 'BY', 'SKILLS', 'MESSAGE'], rows),
      json: {
        schema: 'skillos.deployments/v1',
        items: items.map(deploymentItem),
        ...(next !== undefined && { next }),
      },
    });
    if (next !== undefined) this.note(`more: skillos deployments list --after ${next}`);
    return EXIT.ok;
  }
}
