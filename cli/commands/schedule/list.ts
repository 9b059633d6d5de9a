import { Command, Option } from 'clipanion';
import { listSchedules } from '../../../client/schedules/schedules.ts';
import { zoneOf } from '../../../client/schedules/ports.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { scheduleItem } from '../../../core/schedules/schedule-document.ts';
import { formatAge } from '../../../core/values/duration.ts';
import { MAX_LIMIT, limitOf } from '../../input/list-options.ts';
import { tableFor } from '../../views/table.ts';
import { ScheduleCommand } from './schedule-command.ts';

export class ScheduleListCommand extends ScheduleCommand {
  static override paths = [['schedule', 'list']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'List schedules, by id',
    examples: [['The first hundred', 'skillos schedule list']],
  });

  limit = Option.String('--limit', '100', { description: `List at most this many, up to ${MAX_LIMIT}` });
  after = Option.String('--after', { description: 'Go on after this schedule id' });

  async perform() {
    const { ports } = this;
    const now = ports.now();
    const range = { limit: limitOf(this.limit), after: this.after };
    const { items: schedules, next } = await listSchedules(ports, await this.rights(), range);
    const items = schedules.map((schedule) =>
      scheduleItem(schedule, { now, offsetAt: zoneOf(ports, schedule).offsetAt }),
    );
    const tableOf = (timeOf: (at: string) => string) => ({
      head: HEAD,
      rows: items.map(({ id, skill, status, next_at: at, words }) =>
        [id, skill, status, typeof at === 'string' ? timeOf(at) : '', words].map(String),
      ),
    });
    this.print({
      text:
        items.length === 0
          ? 'no_schedules'
          : tableFor(
              this.context,
              tableOf((at) => at),
              () => tableOf((at) => `in ${formatAge(Date.parse(at) - now)}`),
            ),
      json: { schema: 'skillos.schedules/v1', items, ...(next === undefined ? {} : { next }) },
    });
    if (next !== undefined) this.note(`more: skillos schedule list --after ${next}`);
    return EXIT.ok;
  }
}

const HEAD = ['SCHEDULE', 'SKILL', 'STATUS', 'NEXT', 'WHEN'];
