import { Command, Option } from 'clipanion';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions } from '../../input/identity.ts';
import { jobOptions } from '../../input/job-options.ts';
import { enqueueAndPrint } from '../../running/enqueue.ts';

export class JobEnqueueCommand extends SkillosCommand {
  static override paths = [['job', 'enqueue']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Enqueue a run of a skill as a job',
    details:
      'Prints the id and returns. A worker of the jobs queue runs it: skillos job work, or skillos worker --queue jobs. ' +
      'A failing step is tried again after 5 s, 10 s, 20 s and so on up to 5 minutes.',
    examples: [
      ['A job', 'skillos job enqueue travel/search_flights --payload "Sochi" --max-retries 2'],
      ['In five minutes, before others', 'skillos job enqueue ops/first --delay 5m --priority 1'],
    ],
  });

  identity = identityOptions();
  queueing = jobOptions();
  skill = Option.String({ name: 'skill' });

  async perform() {
    const wanted = { kind: 'skill', skill: parseSkillId(this.skill) } as const;
    return enqueueAndPrint(this, { wanted, given: this.queueing });
  }
}
