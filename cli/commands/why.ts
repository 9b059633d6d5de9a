import { Command, Option } from 'clipanion';
import { EXIT } from '../../core/exit-codes.ts';
import { IdentifiedCommand } from '../identified-command.ts';
import { oneLine } from '../plain-text.ts';
import { openRuntime } from '../runtime.ts';

export class WhyCommand extends IdentifiedCommand {
  static override paths = [['why']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Say why a run stands where it stands, or ended as it did, and which command helps',
    details:
      'One reason: what a run in flight waits for, or the code it ended under. Without Temporal the record alone tells.',
    examples: [['A run', 'skillos why travel.search_flights-01KAP3M2Q4V8Z0W6T5R7Y9X1BC']],
  });

  runId = Option.String({ name: 'run' });

  async perform() {
    const runtime = openRuntime(this.config, this.context, (line) => this.note(line));
    const { whyRun } = await import('../../client/why.ts');
    const ask = { runId: this.runId, rights: await this.rights() };
    const { record, why } = await whyRun(runtime.ports, () => runtime.connect(), ask);
    const { reason, message, command } = why;
    this.print({
      text: [`${reason}: ${oneLine(message)}`, `try: ${command}`],
      json: { schema: 'skillos.why/v1', run_id: record.id, status: record.status, reason, message, command },
    });
    return EXIT.ok;
  }
}
