import { Command, Option } from 'clipanion';
import { jobToChange } from '../../../client/jobs/jobs.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { jobNamed } from '../../input/run-argument.ts';
import { openRuntime } from '../../runtime.ts';

export class JobCancelCommand extends SkillosCommand {
  static override paths = [['job', 'cancel']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Cancel a job',
    details:
      'A job that no worker has begun ends at once: job_cancelled. One that has begun is cancelled by a worker of the ' +
      'jobs queue: job_cancel_requested.',
    examples: [['A job', 'skillos job cancel ops.first-01KAP3M2Q4V8Z0W6T5R7Y9X1BC']],
  });

  identity = identityOptions();
  jobId = Option.String({ name: 'job' });

  async perform() {
    const runtime = openRuntime(this);
    const actor = await actorOf(this);
    const run = await jobToChange(runtime.ports, actor, await jobNamed(this, runtime.ports, this.jobId));
    const { cancelFor } = await import('../../../client/runs/cancel.ts');
    const temporal = await runtime.connect();
    try {
      const status = await cancelFor(runtime.ports, temporal, { actor, run });
      this.print({
        text: `job_${status}: ${run.id}`,
        json: { schema: 'skillos.job.cancel/v1', job_id: run.id, status },
      });
    } finally {
      await temporal.close();
    }
    return EXIT.ok;
  }
}
