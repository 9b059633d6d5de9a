import { Command, Option } from 'clipanion';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { runNamed } from '../../input/run-argument.ts';
import { openRuntime } from '../../runtime.ts';

export class RunsResetCommand extends SkillosCommand {
  static override paths = [['runs', 'reset']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Start a run again under its id',
    details:
      'All steps run again, with the skills and policies as they are now; approvals are required again. A running ' +
      'execution is terminated first. With a server key this is the only reset that workers accept. To keep the run as ' +
      'it ended, repeat it under a new id: skillos runs rerun.',
    examples: [['A run', 'skillos runs reset travel.search_flights-01KAP3M2Q4V8Z0W6T5R7Y9X1BC']],
  });

  identity = identityOptions();
  runId = Option.String({ name: 'run' });

  async perform() {
    const runtime = openRuntime(this);
    const runId = await runNamed(this, runtime.ports, this.runId);
    const { resetRun, runToReset } = await import('../../../client/runs/reset.ts');
    const actor = await actorOf(this);
    const run = await runToReset(runtime.ports, actor, runId);
    const temporal = await runtime.connect();
    try {
      await resetRun(runtime.ports, temporal, { actor, run });
    } finally {
      await temporal.close();
    }
    this.print({
      text: `reset: ${runId}`,
      json: { schema: 'skillos.reset/v1', run_id: runId, status: 'running' },
    });
    return EXIT.ok;
  }
}
