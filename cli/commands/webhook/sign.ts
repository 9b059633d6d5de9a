import { Command, Option } from 'clipanion';
import { signDelivery } from '../../../client/webhooks/sign.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { readBody, schemeNamed } from '../../input/delivery-input.ts';
import { openRuntime } from '../../runtime.ts';
import { triggerPorts } from '../../running/webhook-ports.ts';

export class WebhookSignCommand extends SkillosCommand {
  static override paths = [['webhook', 'sign']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Print the headers with which a sender would sign a body',
    examples: [['For a try', 'skillos webhook sign --id orders --path body.json']],
  });

  id = Option.String('--id', { required: true, description: 'Id of the trigger' });
  bodyPath = Option.String('--path', {
    required: true,
    description: 'File with the raw body; - is standard input',
  });
  scheme = Option.String('--scheme', { description: 'Instead of the scheme of the trigger' });

  async perform() {
    const scheme = this.scheme === undefined ? undefined : schemeNamed(this.scheme);
    const ports = triggerPorts(this, openRuntime(this));
    const body = await readBody(this.bodyPath, this.context.stdin);
    const headers = await signDelivery(ports, { triggerId: this.id, body, scheme }, this.context.now());
    this.print({
      text: Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      json: { schema: 'skillos.signature/v1', headers },
    });
    return EXIT.ok;
  }
}
