import { Command } from 'clipanion';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { openRuntime } from '../../runtime.ts';

export class TemporalSetupCommand extends SkillosCommand {
  static override paths = [['temporal', 'setup']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Register the search attributes that SkillOS uses on the Temporal namespace',
    details: 'Safe to repeat. The local engine registers them itself; a configured server needs this once.',
    examples: [['For a server of your own', 'TEMPORAL_ADDRESS=temporal:7233 skillos temporal setup']],
  });

  async perform() {
    const runtime = openRuntime(this);
    const { registerSearchAttributes } = await import('../../../temporal-dev/search-attributes.ts');
    const temporal = await runtime.connect();
    const { namespace } = temporal.target;
    try {
      const added = await registerSearchAttributes(temporal.client.connection, namespace);
      this.print({
        text: added.length === 0 ? 'temporal_ready' : added.map((name) => `attribute_added: ${name}`),
        json: { schema: 'skillos.temporal_setup/v1', namespace, added: [...added] },
      });
      return EXIT.ok;
    } finally {
      await temporal.close();
    }
  }
}
