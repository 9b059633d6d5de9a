import { Command, Option } from 'clipanion';
import { activateDeployment } from '../../../client/deployments/deployments.ts';
import { shortId } from '../../../core/deployments/content.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions } from '../../input/identity.ts';
import { openDeployments } from './ports.ts';

export class DeploymentsActivateCommand extends SkillosCommand {
  static override paths = [['deployments', 'activate']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Let all hosts run a deployment that was made before',
    details: 'Runs in flight keep what they began with. Requires the permission skills:write.',
    examples: [['By the first digits of its id', 'skillos deployments activate 3f0c2a91d4e7']],
  });

  identity = identityOptions();
  deployment = Option.String({ name: 'deployment' });

  async perform() {
    const { ports, actor } = openDeployments(this);
    const id = await activateDeployment(ports, await actor(), this.deployment);
    this.print({
      text: `deployment_activated: ${shortId(id)}`,
      json: { schema: 'skillos.activation/v1', status: 'activated', id },
    });
    return EXIT.ok;
  }
}
