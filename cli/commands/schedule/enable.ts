import { Command, Option } from 'clipanion';
import { setEnabled } from '../../../client/schedules/schedules.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { ScheduleCommand } from './schedule-command.ts';

export class ScheduleEnableCommand extends ScheduleCommand {
  static override paths = [['schedule', 'enable']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Enable a schedule from now on',
    examples: [['One schedule', 'skillos schedule enable report']],
  });

  id = Option.String({ name: 'schedule' });

  async perform() {
    const schedule = await setEnabled(this.ports, await this.actor(), { id: this.id, enabled: true });
    await this.apply(schedule);
    const { id, enabled } = schedule;
    this.print({
      text: `schedule_enabled: ${id}`,
      json: { schema: 'skillos.schedule-change/v1', id, enabled },
    });
    return EXIT.ok;
  }
}
