import { Command } from 'clipanion';
import { listTriggers } from '../../../client/webhooks/list-triggers.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { triggersDocument } from '../../../core/webhooks/webhook-document.ts';
import { SkillosCommand } from '../../command.ts';
import { openRuntime } from '../../runtime.ts';
import { triggerPorts } from '../../running/webhook-ports.ts';
import { renderTable } from '../../views/table.ts';

export class WebhookTriggersCommand extends SkillosCommand {
  static override paths = [['webhook', 'triggers']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'List the triggers of webhooks: their address, and if their secret is there',
    details: 'Prints paths unless SKILLOS_PUBLIC_URL is set. Fails if an entry is not valid.',
    examples: [['All of them', 'skillos webhook triggers']],
  });

  async perform() {
    const states = await listTriggers(triggerPorts(this, openRuntime(this)));
    const document = triggersDocument(states, this.config.publicUrl);
    const { items, problems } = document;
    const rows = items.map(({ id, skill, scheme, secret, url }) => [
      id,
      skill,
      scheme,
      secret,
      `POST ${url}`,
    ]);
    for (const { entry, message } of problems) this.note(`invalid: ${entry}: ${message}`);
    this.print({
      text:
        rows.length === 0
          ? 'no_triggers'
          : renderTable(['TRIGGER', 'SKILL', 'SCHEME', 'SECRET', 'ENDPOINT'], rows),
      json: document,
    });
    return problems.length === 0 ? EXIT.ok : EXIT.failed;
  }
}
