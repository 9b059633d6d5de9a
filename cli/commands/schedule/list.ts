import { Command } from 'clipanion';
import { listSchedules } from '../../../client/schedules/schedules.ts';
import { zoneOf } from '../../../client/schedules/ports.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { scheduleItem } from '../../../core/schedules/schedule-document.ts';
import { renderTable } from '../../views/table.ts';
import { ScheduleCommand } from './schedule-command.ts';

export class ScheduleListCommand extends ScheduleCommand {
  static override paths = [['schedule', 'list']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'List schedules',
    examples: [['All of them', 'skillos schedule list']],
  });

  async perform() {
    const { ports } = this;
    const now = ports.now();
    const schedules = await listSchedules(ports, await this.rights());
    const items = schedules.map((schedule) =>
      scheduleItem(schedule, { now, offsetAt: zoneOf(ports, schedule).offsetAt }),
    );
    const rows = items.map(({ id, skill, status, next_at: next, words }) =>
      [id, skill, status, next ?? '', words].map(String),
    );
    this.print({
      text:
        rows.length === 0
          ? 'no_schedules'
          : renderTable(['SCHEDULE', 'SKILL', 'STATUS', 'NEXT', 'WHEN'], rows),
      json: { schema: 'skillos.schedules/v1', items },
    });
    return EXIT.ok;
  }
}
