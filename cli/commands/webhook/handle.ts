import { Command, Option } from 'clipanion';
import { handleDelivery } from '../../../client/webhooks/handle-delivery.ts';
import type { DeliveryOutcome } from '../../../client/webhooks/handle-delivery.ts';
import { ERROR_CODES } from '../../../core/errors/error-codes.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { webhookDocument } from '../../../core/webhooks/webhook-document.ts';
import { SkillosCommand } from '../../command.ts';
import { headersOf, readBody } from '../../input/delivery-input.ts';
import { webhookPorts } from '../../running/webhook-ports.ts';
import { openRuntime } from '../../runtime.ts';

export class WebhookHandleCommand extends SkillosCommand {
  static override paths = [['webhook', 'handle']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Receive a delivery as POST /webhooks/{id} does: check its signature and enqueue its job',
    examples: [
      ['From a file', 'skillos webhook handle --id orders --path body.json --signature "t=…,v1=…"'],
      [
        'With the headers of another scheme',
        "skillos webhook handle --id github --path body.json --header 'X-Hub-Signature-256: sha256=…'",
      ],
    ],
  });

  id = Option.String('--id', { required: true, description: 'Id of the trigger' });
  bodyPath = Option.String('--path', {
    required: true,
    description: 'File with the raw body; - is standard input',
  });
  signature = Option.String('--signature', { description: 'The value of the signature header' });
  headers = Option.Array('--header', [], {
    description: 'A header of the delivery, Name: value; repeatable',
  });
  idempotencyKey = Option.String('--idempotency-key', { description: 'Replaces the key of the delivery' });

  async perform() {
    const header = headersOf(this.headers, this.signature);
    const runtime = openRuntime(this);
    const body = await readBody(this.bodyPath, this.context.stdin);
    const { webhookMaxBodyBytes: max } = this.config;
    const outcome: DeliveryOutcome =
      body.byteLength > max
        ? { kind: 'rejected', error: tooLarge(max), fault: 'body_too_large' }
        : await handleDelivery(webhookPorts(this, runtime), {
            triggerId: this.id,
            body,
            header,
            key: this.idempotencyKey,
            way: 'cli',
          });
    return outcome.kind === 'rejected' ? this.refuse(outcome) : this.accept(outcome);
  }

  private accept(outcome: Exclude<DeliveryOutcome, { readonly kind: 'rejected' }>) {
    if (outcome.kind === 'challenged') {
      const { challenge } = outcome;
      const json = { schema: 'skillos.webhook/v1', status: 'challenged', challenge };
      this.print({ text: `webhook_challenge: ${challenge}`, json });
      return EXIT.ok;
    }
    const { kind, jobId } = outcome;
    if (kind === 'skipped') this.note(`job: ${jobId}`);
    this.print({
      text: kind === 'skipped' ? 'webhook_skipped' : `webhook_enqueued: ${jobId}`,
      json: webhookDocument(kind, outcome),
    });
    return EXIT.ok;
  }

  private refuse({ error, fault }: Extract<DeliveryOutcome, { readonly kind: 'rejected' }>) {
    const { http } = ERROR_CODES[error.code];
    this.note(`${error.message} (${fault})`);
    this.print({
      text: `webhook_rejected: ${http}`,
      json: {
        schema: 'skillos.webhook/v1',
        status: 'rejected',
        http_status: http,
        code: error.code,
        message: error.message,
        reason: fault,
      },
    });
    return error.code === 'rate_limited' ? EXIT.limited : EXIT.blocked;
  }
}

function tooLarge(max: number): SkillosError {
  return new SkillosError('body_too_large', `The body is larger than ${max} bytes`);
}
