import { Command, Option } from 'clipanion';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { runNamed } from '../../input/run-argument.ts';
import { openRuntime } from '../../runtime.ts';

export class RunsCancelCommand extends SkillosCommand {
  static override paths = [['runs', 'cancel']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Cancel a run',
    details:
      'The running skill is signalled and has a few seconds to stop; then the run ends as cancelled. Completed steps keep their ' +
      'effects, unless --rollback runs their rollback skills.',
    examples: [
      ['A run', 'skillos runs cancel travel.search_flights-01KAP3M2Q4V8Z0W6T5R7Y9X1BC'],
      [
        'With a rollback of completed steps',
        'skillos runs cancel pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC --rollback',
      ],
    ],
  });

  identity = identityOptions();
  runId = Option.String({ name: 'run' });
  rollback = Option.Boolean('--rollback', false, { description: 'Roll back completed steps' });

  async perform() {
    const runtime = openRuntime(this);
    const runId = await runNamed(this, runtime.ports, this.runId);
    const { cancelFor, runToCancel } = await import('../../../client/runs/cancel.ts');
    const actor = await actorOf(this);
    const run = await runToCancel(runtime.ports, actor, runId);
    const temporal = await runtime.connect();
    try {
      await cancelFor(runtime.ports, temporal, { actor, run, undoes: this.rollback });
    } finally {
      await temporal.close();
    }
    this.print({
      text: `cancel_requested: ${runId}`,
      json: { schema: 'skillos.cancel/v1', run_id: runId, status: 'cancel_requested' },
    });
    return EXIT.ok;
  }
}
