import { Command, Option } from 'clipanion';
import { parseDuration } from '../../../core/duration.ts';
import { admit } from '../../../client/run-records.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import { mayOperate } from '../../../core/operations.ts';
import { verdictOf } from '../../../core/outcome.ts';
import { runDocument } from '../../../core/run-document.ts';
import { parseRunId } from '../../../core/run-id.ts';
import { IdentifiedCommand } from '../../identified-command.ts';
import { printable } from '../../run-command.ts';
import { openRuntime } from '../../runtime.ts';

export class RunsWatchCommand extends IdentifiedCommand {
  static override paths = [['runs', 'watch']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Follow a run to its end, from its first step on',
    details: 'Ends with the exit code of the run. Ctrl-C leaves the run alone; twice cancels it.',
    examples: [
      ['Come back to a run', 'skillos runs watch travel.search_flights-01KAP3M2Q4V8Z0W6T5R7Y9X1BC'],
      [
        'But not for ever',
        'skillos runs watch travel.search_flights-01KAP3M2Q4V8Z0W6T5R7Y9X1BC --timeout 30s',
      ],
    ],
  });

  runId = Option.String({ name: 'run' });
  timeout = Option.String('--timeout', { description: 'Give up waiting after this long; the run goes on' });

  async perform() {
    const timeoutMs = this.timeout === undefined ? undefined : parseDuration(this.timeout, '--timeout');
    const runId = parseRunId(this.runId);
    const runtime = openRuntime(this.config, this.context, (line) => this.note(line));
    const [{ comeBack, followRun }, { recordToWatch }] = await Promise.all([
      import('../../follow.ts'),
      import('../../../client/watch.ts'),
    ]);
    const temporal = await runtime.connect();
    try {
      const { context } = this;
      const rights = await this.rights();
      const run = admit(await recordToWatch(runtime.ports, temporal, runId), rights, 'runs:read');
      const mayCancel = mayOperate(rights, 'runs:operate', run).isAllowed;
      const canceller = mayCancel ? await this.actor() : undefined;
      const isQuiet = this.json;
      const followed = await followRun({ runtime, temporal, context, runId, timeoutMs, isQuiet, canceller });
      if (followed.how === 'interrupted') return EXIT.interrupted;
      if (followed.how === 'timeout') {
        this.note(`gave up waiting; the run goes on\n${comeBack(runId)}`);
        return EXIT.timeout;
      }
      const { record, result } = followed.parts;
      this.print({
        text:
          record.status === 'success'
            ? printable(result ?? null)
            : `${record.status}: ${record.reason ?? ''}`,
        json: runDocument(followed.parts),
      });
      return verdictOf(record.status, record.reason).exit;
    } finally {
      await temporal.close();
    }
  }
}
