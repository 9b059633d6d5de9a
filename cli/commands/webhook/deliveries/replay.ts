import { Command, Option } from 'clipanion';
import { replayDelivery } from '../../../../client/webhooks/deliveries.ts';
import { EXIT } from '../../../../core/errors/exit-codes.ts';
import { webhookDocument } from '../../../../core/webhooks/webhook-document.ts';
import { SkillosCommand } from '../../../command.ts';
import { actorOf, identityOptions } from '../../../input/identity.ts';
import { webhookPorts } from '../../../running/webhook-ports.ts';
import { openRuntime } from '../../../runtime.ts';

export class WebhookDeliveriesReplayCommand extends SkillosCommand {
  static override paths = [['webhook', 'deliveries', 'replay']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Enqueue the job of a delivery again, by the trigger as it is now',
    examples: [['One of them', 'skillos webhook deliveries replay 01KAP3M2Q4V8Z0W6T5R7Y9X1BC']],
  });

  identity = identityOptions();
  delivery = Option.String({ name: 'delivery' });

  async perform() {
    const actor = await actorOf(this);
    const replayed = await replayDelivery(webhookPorts(this, openRuntime(this)), actor, this.delivery);
    this.print({ text: `webhook_enqueued: ${replayed.jobId}`, json: webhookDocument('enqueued', replayed) });
    return EXIT.ok;
  }
}
