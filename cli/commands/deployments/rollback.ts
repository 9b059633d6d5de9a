import { Command } from 'clipanion';
import { rollBack } from '../../../client/deployments/deployments.ts';
import { shortId } from '../../../core/deployments/content.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions } from '../../input/identity.ts';
import { openDeployments } from './ports.ts';

export class DeploymentsRollbackCommand extends SkillosCommand {
  static override paths = [['deployments', 'rollback']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Go back to the deployment that was active before',
    details: 'Runs in flight keep what they began with. Requires the permission skills:write.',
    examples: [['After a bad deployment', 'skillos deployments rollback']],
  });

  identity = identityOptions();

  async perform() {
    const { ports, actor } = openDeployments(this);
    const id = await rollBack(ports, await actor());
    this.print({
      text: `deployment_rolled_back: ${shortId(id)}`,
      json: { schema: 'skillos.activation/v1', status: 'rolled_back', id },
    });
    return EXIT.ok;
  }
}
