import { Command, Option } from 'clipanion';
import { SkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import type { JobReport } from '../../../core/jobs/job-report.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { RunRecord } from '../../../core/runs/run.ts';
import { SkillosCommand } from '../../command.ts';

export class JobWorkCommand extends SkillosCommand {
  static override paths = [['job', 'work']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Run the jobs that are due, and end',
    details:
      'Serves the jobs queue until no job is due, and reports what became of each. A job whose step failed and is tried ' +
      'again later is reported as job_retry_scheduled; the next call runs it. Ctrl-C takes nothing new and lets running ' +
      'steps end. The exit code is 0 whatever became of the jobs.',
    examples: [
      ['All that is due', 'skillos job work'],
      ['Ten at most, two at once', 'skillos job work --limit 10 --concurrency 2'],
    ],
  });

  limit = Option.String('--limit', { description: 'Take at most this many jobs' });
  concurrency = Option.String('--concurrency', {
    description: 'Run this many steps at once (default: SKILLOS_SKILL_PROCESSES)',
  });

  async perform() {
    const limit = countOf(this.limit, '--limit', 100_000);
    const concurrency = countOf(this.concurrency, '--concurrency', 1000);
    const { workJobs } = await import('../../processes/work-jobs.ts');
    const { config, context } = this;
    const reports: JsonObject[] = [];
    const onReport = (report: JobReport, { id, status, reason }: RunRecord) => {
      reports.push({ report, job_id: id, status, ...(reason === undefined ? {} : { reason }) });
      if (!this.json) context.stdout.write(`${report}: ${id}\n`);
    };
    const note = (line: string) => this.note(line);
    const end = await workJobs({ config, context, limit, concurrency, note, onReport });
    const json = { schema: 'skillos.job.work/v1', status: end, items: reports };
    if (this.json || end === 'no_jobs' || end === 'no_jobs_due') this.print({ text: end, json });
    return end === 'interrupted' ? EXIT.interrupted : EXIT.ok;
  }
}

function countOf(text: string | undefined, option: string, max: number): number | undefined {
  if (text === undefined) return undefined;
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= max) return count;
  throw new SkillosError('usage', `Invalid ${option} ${JSON.stringify(text)}: expected 1 to ${max}`);
}
