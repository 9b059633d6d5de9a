import { Command, Option } from 'clipanion';
import { zoneOf } from '../../../client/schedules/ports.ts';
import { scheduleToChange } from '../../../client/schedules/schedules.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { slotTime } from '../../../core/values/schedule-id.ts';
import { ScheduleCommand } from './schedule-command.ts';

export class ScheduleBackfillCommand extends ScheduleCommand {
  static override paths = [['schedule', 'backfill']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Run the times between two dates that have no successful run, one after another',
    examples: [
      ['Three days', 'skillos schedule backfill report --from 2027-01-01 --to 2027-01-03 --dry-run'],
    ],
  });

  id = Option.String({ name: 'schedule' });
  from = Option.String('--from', { required: true, description: 'First time: ISO 8601' });
  to = Option.String('--to', { required: true, description: 'Last time: ISO 8601' });
  dryRun = Option.Boolean('--dry-run', false, { description: 'List the times and run nothing' });

  async perform() {
    const { ports } = this;
    const schedule = await scheduleToChange(ports, await this.actor(), this.id);
    const { backfill, backfillSpan, timesToBackfill } = await import('../../../client/schedules/backfill.ts');
    const span = backfillSpan(this, zoneOf(ports, schedule));
    const times = await timesToBackfill(ports, schedule, span);
    const runs: { readonly run_id: string; readonly status: string }[] = [];
    if (!this.dryRun && times.length > 0) {
      const onRun = ({ id, status }: { readonly id: string; readonly status: string }): void => {
        this.note(`${id} ${status}`);
        runs.push({ run_id: id, status });
      };
      const signal = this.untilInterrupted();
      await this.withTemporal((temporal) => backfill(ports, temporal, { schedule, times, signal, onRun }));
    }
    const lines = this.dryRun ? times.map(slotTime) : runs.map(({ run_id: id, status }) => `${id} ${status}`);
    this.print({
      text: lines.length === 0 ? 'nothing_to_backfill' : lines,
      json: { schema: 'skillos.backfill/v1', id: schedule.id, times: times.map(slotTime), runs },
    });
    return EXIT.ok;
  }
}
