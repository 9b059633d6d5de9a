import { Command } from 'clipanion';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { TickReport } from '../../../client/schedules/tick.ts';
import { ScheduleCommand } from './schedule-command.ts';

export class ScheduleTickCommand extends ScheduleCommand {
  static override paths = [['schedule', 'tick']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Run due firings now and wait for them, without a permanent worker',
    details: 'Exits with 0 even if runs fail. Two ticks at once run each firing once.',
    examples: [['From a crontab', 'skillos schedule tick --root ./skills']],
  });

  async perform() {
    const { ports } = this;
    const actor = await this.actor();
    const { dueSchedules, tickSchedules } = await import('../../../client/schedules/tick.ts');
    const { all, due } = await dueSchedules(ports, actor);
    const reports: TickReport[] = [];
    if (due.length > 0) {
      const onReport = (report: TickReport) => void reports.push(report);
      const tick = { schedules: due, actor, signal: this.untilInterrupted(), onReport };
      await this.withTemporal((temporal) => tickSchedules(ports, temporal, tick));
    }
    for (const line of reports.flatMap(detailOf)) this.note(line);
    const nothing = all === 0 ? 'no_schedules' : 'no_schedules_due';
    this.print({
      text:
        reports.length === 0
          ? nothing
          : reports.map(({ schedule, status }) => `schedule_${status}: ${schedule}`),
      json: { schema: 'skillos.tick/v1', schedules: all, items: reports.map(itemOf) },
    });
    return EXIT.ok;
  }
}

function detailOf({ schedule, runId, times = [] }: TickReport): readonly string[] {
  if (times.length > 0)
    return [
      `${schedule}: left out ${times.join(', ')}${runId === undefined ? '' : `, ${runId} is in flight`}`,
    ];
  return runId === undefined ? [] : [`${schedule}: ${runId}`];
}

function itemOf({ schedule, status, runId, times }: TickReport): JsonObject {
  return {
    schedule,
    status,
    ...(runId === undefined ? {} : { run_id: runId }),
    ...(times === undefined ? {} : { times: [...times] }),
  };
}
