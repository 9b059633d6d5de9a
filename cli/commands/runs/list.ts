import { Command, Option } from 'clipanion';
import { listRuns } from '../../../client/run-records.ts';
import { SkillosError } from '../../../core/errors.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import { runItem } from '../../../core/run-document.ts';
import { RUN_STATUSES } from '../../../core/run.ts';
import type { RunRecord, RunStatus } from '../../../core/run.ts';
import { parseSkillId } from '../../../core/skill-id.ts';
import { IdentifiedCommand } from '../../identified-command.ts';
import { MAX_LIMIT, limitOf, sinceOf } from '../../list-options.ts';
import { renderTable } from '../../table.ts';
import { openRuntime } from '../../runtime.ts';

export class RunsListCommand extends IdentifiedCommand {
  static override paths = [['runs', 'list']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'List runs, newest first',
    examples: [
      ['The last twenty', 'skillos runs list'],
      ['What failed today', 'skillos runs list --status error --since 24h'],
      ['For a script', 'skillos runs list --skill travel/search_flights --json'],
    ],
  });

  statuses = Option.Array('--status', [], {
    description: 'Only runs in this status; repeat for any of several',
  });
  skill = Option.String('--skill', { description: 'Only runs of this skill' });
  since = Option.String('--since', {
    description: 'Only runs asked for within this time, or since an ISO date',
  });
  limit = Option.String('--limit', '20', { description: `At most this many, up to ${MAX_LIMIT}` });
  after = Option.String('--after', { description: 'Go on after this run id' });

  async perform() {
    const { ports } = openRuntime(this.config, this.context, (line) => this.note(line));
    const { items, next } = await listRuns(ports, {
      rights: await this.rights(),
      limit: limitOf(this.limit),
      ...(this.statuses.length === 0 ? {} : { status: this.statuses.map(statusOf) }),
      ...(this.skill === undefined ? {} : { skill: parseSkillId(this.skill) }),
      ...(this.since === undefined ? {} : { since: sinceOf(this.since, this.context.now()) }),
      ...(this.after === undefined ? {} : { after: this.after }),
    });
    this.print({
      text:
        items.length === 0 ? 'no_runs' : renderTable(['RUN', 'STATUS', 'REASON', 'ASKED'], items.map(rowOf)),
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

function rowOf(run: RunRecord): readonly string[] {
  return [run.id, run.status, run.reason ?? '', run.createdAt];
}

function statusOf(text: string): RunStatus {
  const status = RUN_STATUSES.find((known) => known === text);
  if (status !== undefined) return status;
  throw new SkillosError(
    'usage',
    `Unknown --status ${JSON.stringify(text)}: expected ${RUN_STATUSES.join(', ')}`,
  );
}
