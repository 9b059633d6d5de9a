import { Command, Option } from 'clipanion';
import { listRuns } from '../../../client/runs/run-records.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { runItem, titleOf } from '../../../core/runs/run-document.ts';
import type { RunRecord } from '../../../core/runs/run.ts';
import { formatDuration } from '../../../core/values/duration.ts';
import { parseScheduleId } from '../../../core/values/schedule-id.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { MAX_LIMIT, limitOf, sinceOf, statusOf } from '../../input/list-options.ts';
import { plain } from '../../views/plain-text.ts';
import { renderTable } from '../../views/table.ts';
import { openRuntime } from '../../runtime.ts';

export class RunsListCommand extends SkillosCommand {
  static override paths = [['runs', 'list']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'List runs, newest first',
    examples: [
      ['The last twenty', 'skillos runs list'],
      ['Failures of today', 'skillos runs list --status error --since 24h'],
      ['For a script', 'skillos runs list --skill travel/search_flights --json'],
    ],
  });

  identity = identityOptions();
  statuses = Option.Array('--status', [], {
    description: 'Only runs in this status; repeat for any of several',
  });
  skill = Option.String('--skill', { description: 'Only runs of this skill' });
  schedule = Option.String('--schedule', { description: 'Only runs of this schedule' });
  since = Option.String('--since', {
    description: 'Only runs requested within this time, or since an ISO date',
  });
  limit = Option.String('--limit', '20', { description: `At most this many, up to ${MAX_LIMIT}` });
  after = Option.String('--after', { description: 'Continue after this run id' });

  async perform() {
    const { ports } = openRuntime(this);
    const { items, next } = await listRuns(ports, {
      rights: await rightsOf(this),
      limit: limitOf(this.limit),
      ...(this.statuses.length === 0 ? {} : { status: this.statuses.map(statusOf) }),
      ...(this.skill === undefined ? {} : { skill: parseSkillId(this.skill) }),
      ...(this.schedule === undefined ? {} : { schedule: parseScheduleId(this.schedule) }),
      ...(this.since === undefined ? {} : { since: sinceOf(this.since, this.context.now()) }),
      ...(this.after === undefined ? {} : { after: this.after }),
    });
    this.print({
      text:
        items.length === 0
          ? 'no_runs'
          : renderTable(
              HEAD,
              items.map((run) => rowOf(run, this.context.now())),
            ),
      json: {
        schema: 'skillos.runs/v1',
        items: items.map(runItem),
        ...(next === undefined ? {} : { next }),
      },
    });
    if (next !== undefined) this.note(`more: skillos runs list --after ${next}`);
    return EXIT.ok;
  }
}

const HEAD = ['RUN', 'STATUS', 'REASON', 'TOOK', 'BY', 'REQUESTED', 'SKILL'];

function rowOf(run: RunRecord, now: number): readonly string[] {
  const { id, status, reason = '', principal, createdAt, startedAt, endedAt } = run;
  const end = endedAt === undefined ? now : Date.parse(endedAt);
  const took = startedAt === undefined ? '' : formatDuration(end - Date.parse(startedAt));
  return [id, status, reason, took, plain(principal.subject), createdAt, titleOf(run)];
}
