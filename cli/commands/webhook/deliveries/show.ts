import { Command, Option } from 'clipanion';
import { showDelivery } from '../../../../client/webhooks/deliveries.ts';
import { EXIT } from '../../../../core/errors/exit-codes.ts';
import { deliveryDocument } from '../../../../core/webhooks/delivery-record.ts';
import { SkillosCommand } from '../../../command.ts';
import { identityOptions, rightsOf } from '../../../input/identity.ts';
import { openRuntime } from '../../../runtime.ts';

export class WebhookDeliveriesShowCommand extends SkillosCommand {
  static override paths = [['webhook', 'deliveries', 'show']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Show a delivery with its body',
    examples: [['One of them', 'skillos webhook deliveries show 01KAP3M2Q4V8Z0W6T5R7Y9X1BC']],
  });

  identity = identityOptions();
  delivery = Option.String({ name: 'delivery' });

  async perform() {
    const { ports } = openRuntime(this);
    const { record, body } = await showDelivery(ports, await rightsOf(this), this.delivery);
    const json = deliveryDocument(record, body);
    const { schema: _schema, body: _body, ...fields } = json;
    this.print({
      text: Object.entries(fields).map(([name, value]) => `${name}: ${String(value)}`),
      result: typeof body === 'string' ? body : JSON.stringify(body, null, 2),
      json,
    });
    return EXIT.ok;
  }
}
