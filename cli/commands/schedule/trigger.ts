import { Command, Option } from 'clipanion';
import { scheduleToChange } from '../../../client/schedules/schedules.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { ScheduleCommand } from './schedule-command.ts';

export class ScheduleTriggerCommand extends ScheduleCommand {
  static override paths = [['schedule', 'trigger']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Run a schedule now, even if it is disabled, and print the run id',
    examples: [['One schedule', 'skillos schedule trigger report']],
  });

  id = Option.String({ name: 'schedule' });

  async perform() {
    const { ports } = this;
    const actor = await this.actor();
    const schedule = await scheduleToChange(ports, actor, this.id);
    const { triggerSchedule } = await import('../../../client/schedules/fire.ts');
    const runId = await this.withTemporal((temporal) =>
      triggerSchedule(ports, temporal, { actor, schedule }),
    );
    this.note(`follow it: skillos runs watch ${runId}`);
    this.print({
      text: `schedule_triggered: ${runId}`,
      json: { schema: 'skillos.schedule-change/v1', id: schedule.id, run_id: runId },
    });
    return EXIT.ok;
  }
}
