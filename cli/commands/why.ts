import { Command, Option } from 'clipanion';
import { intlZones } from '../../adapters/machine/zones.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import { isScheduleId } from '../../core/values/schedule-id.ts';
import { SkillosCommand } from '../command.ts';
import { identityOptions, rightsOf } from '../input/identity.ts';
import { oneLine } from '../views/plain-text.ts';
import { runNamed } from '../input/run-argument.ts';
import { openRuntime } from '../runtime.ts';

export class WhyCommand extends SkillosCommand {
  static override paths = [['why']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Explain the status of a run or schedule, and suggest a command',
    details:
      'Prints one reason: what a run in flight waits for, or the code of its end. Without Temporal it reads the record only.',
    examples: [
      ['A run', 'skillos why travel.search_flights-01KAP3M2Q4V8Z0W6T5R7Y9X1BC'],
      ['A schedule', 'skillos why report'],
    ],
  });

  identity = identityOptions();
  id = Option.String({ name: 'run' });

  perform() {
    return isScheduleId(this.id) ? this.explainSchedule(this.id) : this.explainRun(this.id);
  }

  private async explainRun(text: string) {
    const runtime = openRuntime(this);
    const { whyDocument, whyRun } = await import('../../client/runs/why.ts');
    const runId = await runNamed(this, runtime.ports, text);
    const ask = { runId, rights: await rightsOf(this) };
    const explained = await whyRun(runtime.ports, () => runtime.connect(), ask);
    const { reason, message, command } = explained.why;
    this.print({
      text: [`${reason}: ${oneLine(message)}`, `try: ${command}`],
      json: whyDocument(explained),
    });
    return EXIT.ok;
  }

  private async explainSchedule(id: string) {
    const ports = { ...openRuntime(this).ports, zones: intlZones };
    const { whySchedule } = await import('../../client/schedules/why.ts');
    const { reason, message, command } = await whySchedule(ports, { id, rights: await rightsOf(this) });
    this.print({
      text: [`${reason}: ${oneLine(message)}`, `try: ${command}`],
      json: { schema: 'skillos.why/v1', schedule: id, reason, message, command },
    });
    return EXIT.ok;
  }
}
