import { Command, Option } from 'clipanion';
import { openJob } from '../../../client/jobs/jobs.ts';
import { readRun } from '../../../client/runs/read-run.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { jobDocument } from '../../../core/jobs/job-document.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { jobNamed } from '../../input/run-argument.ts';
import { openRuntime } from '../../runtime.ts';
import { jobLines } from '../../views/job-view.ts';

export class JobShowCommand extends SkillosCommand {
  static override paths = [['job', 'show']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Show one job: what it waits for, how it ended, its output',
    details: 'Reads the record alone. For the steps and their times: skillos runs show <job>.',
    examples: [['A job', 'skillos job show ops.first-01KAP3M2Q4V8Z0W6T5R7Y9X1BC']],
  });

  identity = identityOptions();
  jobId = Option.String({ name: 'job' });

  async perform() {
    const { ports } = openRuntime(this);
    const { id } = await openJob(ports, await rightsOf(this), await jobNamed(this, ports, this.jobId));
    const parts = await readRun(ports, undefined, id);
    const now = this.context.now();
    this.print({ text: jobLines(parts, now), json: jobDocument(parts, now) });
    return EXIT.ok;
  }
}
