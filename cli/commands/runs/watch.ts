import { Command, Option } from 'clipanion';
import { parseDuration } from '../../../core/values/duration.ts';
import { admit } from '../../../client/runs/run-records.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { mayOperate } from '../../../core/rights/operations.ts';
import { verdictOf } from '../../../core/runs/outcome.ts';
import { runDocument } from '../../../core/runs/run-document.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions, rightsOf } from '../../input/identity.ts';
import { printable } from '../../views/plain-text.ts';
import { runNamed } from '../../input/run-argument.ts';
import { openRuntime } from '../../runtime.ts';

export class RunsWatchCommand extends SkillosCommand {
  static override paths = [['runs', 'watch']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Follow a run to its end, beginning with its first step',
    details:
      'Exits with the exit code of the run. Ctrl-C only stops following; a second one cancels the run.',
    examples: [
      ['Follow a run again', 'skillos runs watch travel.search_flights-01KAP3M2Q4V8Z0W6T5R7Y9X1BC'],
      [
        'With a time limit',
        'skillos runs watch travel.search_flights-01KAP3M2Q4V8Z0W6T5R7Y9X1BC --timeout 30s',
      ],
    ],
  });

  identity = identityOptions();
  runId = Option.String({ name: 'run' });
  timeout = Option.String('--timeout', { description: 'Stop waiting after this time; the run continues' });

  async perform() {
    const timeoutMs = this.timeout === undefined ? undefined : parseDuration(this.timeout, '--timeout');
    const runtime = openRuntime(this);
    const runId = await runNamed(this, runtime.ports, this.runId);
    const [{ followCommands, followRun }, { recordToWatch }] = await Promise.all([
      import('../../running/follow.ts'),
      import('../../../client/runs/watch.ts'),
    ]);
    const temporal = await runtime.connect();
    try {
      const { context } = this;
      const rights = await rightsOf(this);
      const run = admit(await recordToWatch(runtime.ports, temporal, runId), rights, 'runs:read');
      const mayCancel = mayOperate(rights, 'runs:operate', run).isAllowed;
      const canceller = mayCancel ? await actorOf(this) : undefined;
      const isQuiet = this.json;
      const followed = await followRun({ runtime, temporal, context, runId, timeoutMs, isQuiet, canceller });
      if (followed.how === 'interrupted') return EXIT.interrupted;
      if (followed.how === 'timeout') {
        this.note(`stopped waiting; the run continues\n${followCommands(runId)}`);
        return EXIT.timeout;
      }
      const { record, result } = followed.parts;
      this.print({
        ...(record.status === 'success'
          ? { text: [], result: printable(result ?? null) }
          : { text: `${record.status}: ${record.reason ?? ''}` }),
        json: runDocument(followed.parts),
      });
      return verdictOf(record.status, record.reason).exit;
    } finally {
      await temporal.close();
    }
  }
}
