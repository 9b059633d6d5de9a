import { Command, Option } from 'clipanion';
import { parseSteps } from '../../../core/plans/plan-steps.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions } from '../../input/identity.ts';
import { asJobOptions, refuseMixedOptions } from '../../input/job-options.ts';
import { runOptions } from '../../input/run-options.ts';
import { runAndPrint } from '../../running/print-outcome.ts';

export class PipelineRunCommand extends SkillosCommand {
  static override paths = [['pipeline', 'run']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Run skills in order, or several at once',
    details:
      'The output of a step is the payload of the next. Skills joined by | or a comma are one step: they receive ' +
      'the same payload and run at once, and their outputs are joined in the given order: texts line ' +
      'by line, other values as a JSON array. Prints only the last output.',
    examples: [
      [
        'One after another',
        'skillos pipeline run --step ops/first --step ops/second --payload "  some   text "',
      ],
      [
        'Two at once, then a third with both outputs',
        'skillos pipeline run --step "travel/search_flights|travel/search_hotels" --step travel/build_itinerary --payload "Kazan"',
      ],
      [
        'A comma instead of a pipe',
        'skillos pipeline run --step ops/first,text/summarize --payload @notes.txt',
      ],
      ['As a job', 'skillos pipeline run --step ops/first --step ops/second --payload @notes.txt --job'],
    ],
  });

  identity = identityOptions();
  running = runOptions();
  queueing = asJobOptions();
  steps = Option.Array('--step', [], {
    description: 'A skill, or several joined by | or a comma to run at once; repeat for the next step',
  });

  async perform() {
    const wanted = { kind: 'steps', plan: parseSteps(this.steps) } as const;
    const { running, queueing } = this;
    refuseMixedOptions(queueing, running);
    if (!queueing.isJob) return runAndPrint(this, wanted);
    const { enqueueAndPrint } = await import('../../running/enqueue.ts');
    const given = { ...running, ...queueing };
    return enqueueAndPrint(this, { wanted, given, noRollback: !running.rollback });
  }
}
