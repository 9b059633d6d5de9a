import { Command, Option } from 'clipanion';
import { addSchedule, isOverdue } from '../../../client/schedules/add.ts';
import { zoneOf } from '../../../client/schedules/ports.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { nextOf } from '../../../core/schedules/schedule.ts';
import { scheduleItem } from '../../../core/schedules/schedule-document.ts';
import { DEFAULT_PAYLOAD } from '../../../core/skills/accept-input.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { retriesOf } from '../../input/run-options.ts';
import { readPayload } from '../../input/payload.ts';
import { ScheduleCommand } from './schedule-command.ts';

export class ScheduleAddCommand extends ScheduleCommand {
  static override paths = [['schedule', 'add']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Run a skill at a time, or repeatedly',
    details: 'Takes exactly one of --run-at, --cron and --every. Prints the next firings to stderr.',
    examples: [
      ['Once', 'skillos schedule add travel/search_flights --run-at 2027-01-18T08:00:00+03:00'],
      [
        'On workdays',
        'skillos schedule add ops/report --cron "0 8 * * 1-5" --timezone Europe/Berlin --id report',
      ],
      ['Every ten minutes', 'skillos schedule add ops/ping --every 10m'],
    ],
  });

  skill = Option.String({ name: 'skill' });
  runAt = Option.String('--run-at', { description: 'Once, at this time: ISO 8601' });
  cron = Option.Array('--cron', [], {
    description: 'Five fields, or @hourly, @daily, @weekly, @monthly, @yearly; repeatable',
  });
  every = Option.String('--every', { description: 'At this interval, such as 10m; at least 1s' });
  timezone = Option.String('--timezone', { description: 'IANA zone (default: SKILLOS_TIMEZONE, else UTC)' });
  id = Option.String('--id', { description: 'Name of the schedule (default: from the skill)' });
  payload = Option.String('--payload', {
    description: 'Payload: text, JSON, @file, or - for standard input',
  });
  payloadFile = Option.String('--payload-file', { description: 'Read the payload from a file' });
  fromStdin = Option.Boolean('--stdin', false, { description: 'Read the payload from standard input' });
  overlap = Option.String('--overlap', {
    description: 'If a run is in flight: skip (default), buffer-one, buffer-all, cancel-other or allow',
  });
  catchup = Option.String('--catchup', {
    description: 'Run a missed firing later, within this time (default: 1h)',
  });
  jitter = Option.String('--jitter', { description: 'Delay each firing by a random time of at most this' });
  startAt = Option.String('--start-at', { description: 'No firing before this time' });
  endAt = Option.String('--end-at', { description: 'No firing after this time' });
  times = Option.String('--times', { description: 'End after this number of firings' });
  pauseOnFailure = Option.Boolean('--pause-on-failure', false, {
    description: 'Disable the schedule after a failed run',
  });
  maxRetries = Option.String('--max-retries', {
    description: 'Retries of a failing step, instead of the manifest’s',
  });
  noted = Option.String('--note', { description: 'A remark for people' });
  disabled = Option.Boolean('--disabled', false, { description: 'Add it as disabled' });
  dryRun = Option.Boolean('--dry-run', false, {
    description: 'Check the schedule and show the next firings; nothing is stored',
  });

  async perform() {
    const { payload, payloadFile, fromStdin, ports } = this;
    const text = await readPayload({ payload, payloadFile, fromStdin }, this.context.stdin);
    const schedule = await addSchedule(ports, await this.actor(), {
      request: this.request(),
      skill: parseSkillId(this.skill),
      payload: text ?? DEFAULT_PAYLOAD,
      id: this.id,
      note: this.noted,
      maxRetries: this.maxRetries === undefined ? undefined : retriesOf(this.maxRetries),
      pauseOnFailure: this.pauseOnFailure,
      isDisabled: this.disabled,
      isDryRun: this.dryRun,
      zone: this.config.timezone,
    });
    const { offsetAt } = zoneOf(ports, schedule);
    const now = ports.now();
    if (isOverdue(schedule, now))
      this.note('warning: the time has passed; the next skillos schedule tick runs it');
    this.noteFirings(nextOf(schedule, { from: now, count: 3 }, offsetAt), schedule.zone, offsetAt);
    if (!this.dryRun) await this.apply(schedule);
    this.print({
      text: `${this.dryRun ? 'schedule_checked' : 'schedule_added'}: ${schedule.id}`,
      json: { schema: 'skillos.schedule/v1', ...scheduleItem(schedule, { now, offsetAt }) },
    });
    return EXIT.ok;
  }

  private request() {
    const { runAt, cron, every, timezone, startAt, endAt, times, overlap, catchup, jitter } = this;
    return { runAt, cron, every, timezone, startAt, endAt, times, overlap, catchup, jitter };
  }
}
