import { Command, Option } from 'clipanion';
import { setEnabled } from '../../../client/schedules/schedules.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { ScheduleCommand } from './schedule-command.ts';

export class ScheduleDisableCommand extends ScheduleCommand {
  static override paths = [['schedule', 'disable']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Disable a schedule',
    examples: [['One schedule', 'skillos schedule disable report']],
  });

  id = Option.String({ name: 'schedule' });

  async perform() {
    const schedule = await setEnabled(this.ports, await this.actor(), { id: this.id, enabled: false });
    await this.apply(schedule);
    const { id, enabled } = schedule;
    this.print({
      text: `schedule_disabled: ${id}`,
      json: { schema: 'skillos.schedule-change/v1', id, enabled },
    });
    return EXIT.ok;
  }
}
