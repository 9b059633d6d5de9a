import { Command, Option } from 'clipanion';
import { listDeadJobs } from '../../../client/jobs/jobs.ts';
import { requeueDead } from '../../../client/jobs/requeue.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { jobItem } from '../../../core/jobs/job-document.ts';
import { SkillosCommand } from '../../command.ts';
import { confirm } from '../../input/confirm.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { MAX_LIMIT, limitOf } from '../../input/list-options.ts';
import { submitPorts } from '../../running/submit-ports.ts';
import { openRequestEvents } from '../../request-events.ts';
import { jobNamed } from '../../input/run-argument.ts';
import { openRuntime } from '../../runtime.ts';
import type { Runtime } from '../../runtime.ts';
import { jobTable } from '../../views/job-view.ts';

export class JobDeadCommand extends SkillosCommand {
  static override paths = [['job', 'dead']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'List dead letters: jobs that ended without success',
    details: 'A job that was cancelled, has expired or was requeued is no dead letter.',
    examples: [
      ['The last twenty', 'skillos job dead'],
      ['Try all of them again', 'skillos job dead --requeue-all --yes'],
    ],
  });

  identity = identityOptions();
  requeueAll = Option.Boolean('--requeue-all', false, { description: 'Requeue every dead letter' });
  yes = Option.Boolean('--yes', false, { description: 'Do not ask before requeueing' });
  limit = Option.String('--limit', '20', { description: `List at most this many, up to ${MAX_LIMIT}` });
  after = Option.String('--after', { description: 'Go on after this job id' });

  async perform() {
    const runtime = openRuntime(this);
    return this.requeueAll ? this.requeue(runtime) : this.list(runtime);
  }

  private async list({ ports }: Runtime) {
    const now = this.context.now();
    const { items, next } = await listDeadJobs(ports, {
      rights: (await actorOf(this)).rights,
      limit: limitOf(this.limit),
      ...(this.after === undefined ? {} : { after: await jobNamed(this, ports, this.after) }),
    });
    this.print({
      text: items.length === 0 ? 'no_dead_jobs' : jobTable(this.context, items, now),
      json: {
        schema: 'skillos.jobs/v1',
        items: items.map((job) => jobItem(job, now)),
        ...(next === undefined ? {} : { next }),
      },
    });
    if (next !== undefined) this.note(`more: skillos job dead --after ${next}`);
    return EXIT.ok;
  }

  private async requeue(runtime: Runtime) {
    if (this.after !== undefined)
      throw new SkillosError('usage', 'Expected one of --requeue-all and --after');
    const actor = await actorOf(this);
    if (!this.yes && !(await confirm('Requeue every dead letter?', this.context))) return EXIT.ok;
    const { emit } = openRequestEvents(this, actor.rights.tenant);
    const requeued = await requeueDead(submitPorts(this, runtime, { emit }), actor);
    this.print({
      text: requeued.length === 0 ? 'no_dead_jobs' : requeued.map(lineOf),
      json: { schema: 'skillos.job.requeued/v1', items: requeued.map(itemOf) },
    });
    return requeued.every(({ error }) => error === undefined) ? EXIT.ok : EXIT.failed;
  }
}

type Requeued = Awaited<ReturnType<typeof requeueDead>>[number];

function lineOf({ job, runId, error }: Requeued): string {
  return runId === undefined ? `job_not_requeued: ${job} (${error?.code})` : `job_enqueued: ${runId}`;
}

function itemOf({ job, runId, error }: Requeued) {
  return {
    requeue_of: job,
    ...(runId === undefined ? {} : { job_id: runId }),
    ...(error === undefined ? {} : { error }),
  };
}
