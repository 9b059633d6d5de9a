import { Command, Option } from 'clipanion';
import { jobToChange } from '../../../client/jobs/jobs.ts';
import { requeueJob } from '../../../client/jobs/requeue.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { submitPorts } from '../../running/submit-ports.ts';
import { jobNamed } from '../../input/run-argument.ts';
import { openRequestEvents } from '../../request-events.ts';
import { openRuntime } from '../../runtime.ts';

export class JobRequeueCommand extends SkillosCommand {
  static override paths = [['job', 'requeue']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Enqueue a job again that ended without success',
    details:
      'The new job has the plan, payload, priority and time to expire of the first, starts at once, and runs under the ' +
      'rights of the caller. A job is requeued once; then requeue the new one.',
    examples: [['A dead letter', 'skillos job requeue ops.first-01KAP3M2Q4V8Z0W6T5R7Y9X1BC']],
  });

  identity = identityOptions();
  jobId = Option.String({ name: 'job' });

  async perform() {
    const runtime = openRuntime(this);
    const actor = await actorOf(this);
    const job = await jobToChange(runtime.ports, actor, await jobNamed(this, runtime.ports, this.jobId));
    const { emit } = openRequestEvents(this, actor.rights.tenant);
    const { runId } = await requeueJob(submitPorts(this, runtime, { emit }), { actor, job });
    this.print({
      text: `job_enqueued: ${runId}`,
      json: {
        schema: 'skillos.job.enqueued/v1',
        job_id: runId,
        status: 'queued',
        requeue_of: job.id,
      },
    });
    return EXIT.ok;
  }
}
