import { Command, Option } from 'clipanion';
import { openSchedule } from '../../../client/schedules/schedules.ts';
import { showSchedule } from '../../../client/schedules/show.ts';
import { zoneOf } from '../../../client/schedules/ports.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { scheduleDocument } from '../../../core/schedules/schedule-document.ts';
import { scheduleLines } from '../../views/schedule-view.ts';
import { ScheduleCommand } from './schedule-command.ts';

export class ScheduleShowCommand extends ScheduleCommand {
  static override paths = [['schedule', 'show']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Show a schedule: its next firings, last runs and missed times',
    examples: [['One schedule', 'skillos schedule show report']],
  });

  id = Option.String({ name: 'schedule' });

  async perform() {
    const { ports } = this;
    const shown = await showSchedule(ports, await openSchedule(ports, await this.rights(), this.id));
    const { offsetAt } = zoneOf(ports, shown.schedule);
    const now = ports.now();
    this.print({
      text: scheduleLines(shown, { now, offsetAt }),
      json: scheduleDocument(shown.schedule, { ...shown, now, offsetAt }),
    });
    return EXIT.ok;
  }
}
