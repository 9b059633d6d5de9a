import { Command, Option } from 'clipanion';
import { listRuns } from '../../../client/runs/run-records.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { durationMs } from '../../../core/runs/run-approval.ts';
import { runItem, titleOf } from '../../../core/runs/run-document.ts';
import type { RunRecord } from '../../../core/runs/run.ts';
import { formatAge, formatDuration } from '../../../core/values/duration.ts';
import { shortRunId } from '../../../core/values/run-id.ts';
import { parseScheduleId } from '../../../core/values/schedule-id.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { MAX_LIMIT, limitOf, sinceOf, statusOf } from '../../input/list-options.ts';
import { plain } from '../../views/plain-text.ts';
import { tableFor } from '../../views/table.ts';
import { runNamed } from '../../input/run-argument.ts';
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
      ...(this.after === undefined ? {} : { after: await runNamed(this, ports, this.after) }),
    });
    const now = this.context.now();
    this.print({
      text:
        items.length === 0
          ? 'no_runs'
          : tableFor(this.context, { head: HEAD, rows: items.map((run) => rowOf(run, now)) }, () => ({
              head: COMPACT_HEAD,
              rows: items.map((run) => compactRowOf(run, now)),
            })),
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
const COMPACT_HEAD = ['RUN', 'STATUS', 'REASON', 'TOOK', 'BY', 'AGE', 'SKILL'];

function rowOf(run: RunRecord, now: number): readonly string[] {
  const { id, status, reason = '', principal, createdAt } = run;
  return [id, status, reason, tookOf(run, now), plain(principal.subject), createdAt, titleOf(run)];
}

/** Without the skill, if the id of the run begins with it. */
function compactRowOf(run: RunRecord, now: number): readonly string[] {
  const { id, status, reason = '', principal, createdAt, skill } = run;
  const title = titleOf(run);
  const isNamed = title === skill && id.startsWith(`${skill.replace('/', '.')}-`);
  const age = formatAge(now - Date.parse(createdAt));
  const by = plain(principal.subject);
  return [shortRunId(id), status, reason, tookOf(run, now), by, age, isNamed ? '' : title];
}

function tookOf(run: RunRecord, now: number): string {
  const ms = durationMs(run, now);
  return ms === undefined ? '' : formatDuration(ms);
}
