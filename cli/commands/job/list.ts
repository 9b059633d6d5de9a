import { Command, Option } from 'clipanion';
import { listJobs } from '../../../client/jobs/jobs.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { jobItem } from '../../../core/jobs/job-document.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { MAX_LIMIT, limitOf, sinceOf, statusOf } from '../../input/list-options.ts';
import { jobNamed } from '../../input/run-argument.ts';
import { openRuntime } from '../../runtime.ts';
import { jobTable } from '../../views/job-view.ts';

export class JobListCommand extends SkillosCommand {
  static override paths = [['job', 'list']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'List jobs, newest first',
    examples: [
      ['The last twenty', 'skillos job list'],
      ['What waits for a worker', 'skillos job list --status queued'],
    ],
  });

  identity = identityOptions();
  statuses = Option.Array('--status', [], {
    description: 'Only jobs in this status; repeat for any of several',
  });
  skill = Option.String('--skill', { description: 'Only jobs of this skill' });
  since = Option.String('--since', {
    description: 'Only jobs enqueued within this time, or since an ISO date',
  });
  limit = Option.String('--limit', '20', { description: `At most this many, up to ${MAX_LIMIT}` });
  after = Option.String('--after', { description: 'Go on after this job id' });

  async perform() {
    const now = this.context.now();
    const { ports } = openRuntime(this);
    const { items, next } = await listJobs(ports, {
      rights: await rightsOf(this),
      limit: limitOf(this.limit),
      ...(this.statuses.length === 0 ? {} : { status: this.statuses.map(statusOf) }),
      ...(this.skill === undefined ? {} : { skill: parseSkillId(this.skill) }),
      ...(this.since === undefined ? {} : { since: sinceOf(this.since, now) }),
      ...(this.after === undefined ? {} : { after: await jobNamed(this, ports, this.after) }),
    });
    this.print({
      text: items.length === 0 ? 'no_jobs' : jobTable(this.context, items, now),
      json: {
        schema: 'skillos.jobs/v1',
        items: items.map((job) => jobItem(job, now)),
        ...(next === undefined ? {} : { next }),
      },
    });
    if (next !== undefined) this.note(`more: skillos job list --after ${next}`);
    return EXIT.ok;
  }
}
