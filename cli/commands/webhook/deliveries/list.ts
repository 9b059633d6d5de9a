import { Command, Option } from 'clipanion';
import { listDeliveries } from '../../../../client/webhooks/deliveries.ts';
import { EXIT } from '../../../../core/errors/exit-codes.ts';
import { deliveryItem } from '../../../../core/webhooks/delivery-record.ts';
import { SkillosCommand } from '../../../command.ts';
import { identityOptions, rightsOf } from '../../../input/identity.ts';
import { limitOf } from '../../../input/list-options.ts';
import { openRuntime } from '../../../runtime.ts';
import { renderTable } from '../../../views/table.ts';

export class WebhookDeliveriesListCommand extends SkillosCommand {
  static override paths = [['webhook', 'deliveries', 'list']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'List deliveries whose signature was right, newest first; they are kept for seven days',
    examples: [['The last ones of a trigger', 'skillos webhook deliveries list --id orders --limit 10']],
  });

  identity = identityOptions();
  id = Option.String('--id', { description: 'Only deliveries of this trigger' });
  limit = Option.String('--limit', '50', { description: 'At most this many; default 50' });

  async perform() {
    const { ports } = openRuntime(this);
    const filter = { limit: limitOf(this.limit), trigger: this.id };
    const { items } = await listDeliveries(ports, await rightsOf(this), filter);
    const rows = items.map(({ id, at, trigger, status, reason, jobId }) => [
      id,
      at,
      trigger,
      reason === undefined ? status : `${status} (${reason})`,
      jobId ?? '',
    ]);
    this.print({
      text:
        rows.length === 0
          ? 'no_deliveries'
          : renderTable(['DELIVERY', 'AT', 'TRIGGER', 'STATUS', 'JOB'], rows),
      json: { schema: 'skillos.deliveries/v1', items: items.map(deliveryItem) },
    });
    return EXIT.ok;
  }
}
