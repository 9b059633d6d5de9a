import { Command, Option } from 'clipanion';
import { EXIT } from '../../../core/exit-codes.ts';
import { parseRunId } from '../../../core/run-id.ts';
import { IdentifiedCommand } from '../../identified-command.ts';
import { openRuntime } from '../../runtime.ts';

export class RunsCancelCommand extends IdentifiedCommand {
  static override paths = [['runs', 'cancel']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Cancel a run',
    details:
      'The running skill is told and has a moment to stop; then the run ends cancelled. What completed steps did stays, ' +
      'unless --rollback has their rollback skills undo it first.',
    examples: [
      ['A run', 'skillos runs cancel travel.search_flights-01KAP3M2Q4V8Z0W6T5R7Y9X1BC'],
      ['And undo what it did so far', 'skillos runs cancel pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC --rollback'],
    ],
  });

  runId = Option.String({ name: 'run' });
  rollback = Option.Boolean('--rollback', false, { description: 'Undo what completed steps did' });

  async perform() {
    const runId = parseRunId(this.runId);
    const runtime = openRuntime(this.config, this.context, (line) => this.note(line));
    const { cancelFor, runToCancel } = await import('../../../client/cancel.ts');
    const actor = await this.actor();
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
