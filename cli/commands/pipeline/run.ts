import { Command, Option } from 'clipanion';
import { DEFAULT_PAYLOAD } from '../../../core/accept-input.ts';
import { parseSteps } from '../../../core/plan-steps.ts';
import { RunningCommand } from '../../run-command.ts';

export class PipelineRunCommand extends RunningCommand {
  static override paths = [['pipeline', 'run']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Run skills one after another, and some of them at once',
    details:
      'The output of a step is the payload of the next. Skills joined by | or a comma are one step: all of them get ' +
      'the same payload and run at once, and their outputs go on in the order in which they are named, texts line ' +
      'by line and anything else as a JSON array. Prints the last output alone.',
    examples: [
      [
        'One after another',
        'skillos pipeline run --step ops/first --step ops/second --payload "  some   text "',
      ],
      [
        'Two at once, then a third with what both found',
        'skillos pipeline run --step "travel/search_flights|travel/search_hotels" --step travel/build_itinerary --payload "Kazan"',
      ],
      [
        'A comma where the shell would take the pipe',
        'skillos pipeline run --step ops/first,text/summarize --payload @notes.txt',
      ],
    ],
  });

  steps = Option.Array('--step', [], {
    description: 'A skill, or several joined by | or a comma to run at once; repeat for the next step',
  });

  async perform() {
    const plan = parseSteps(this.steps);
    const payload = (await this.givenPayload()) ?? DEFAULT_PAYLOAD;
    return this.executeRun({ plan, payload });
  }
}
