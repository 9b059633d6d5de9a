import { Command, Option } from 'clipanion';
import { removeSchedule } from '../../../client/schedules/schedules.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { ScheduleCommand } from './schedule-command.ts';

export class ScheduleRemoveCommand extends ScheduleCommand {
  static override paths = [['schedule', 'remove']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Remove a schedule; its runs are kept',
    examples: [['One schedule', 'skillos schedule remove report']],
  });

  id = Option.String({ name: 'schedule' });

  async perform() {
    const schedule = await removeSchedule(this.ports, await this.actor(), this.id);
    await this.apply(schedule);
    const { id } = schedule;
    this.print({
      text: `schedule_removed: ${id}`,
      json: { schema: 'skillos.schedule-change/v1', id, removed: true },
    });
    return EXIT.ok;
  }
}
