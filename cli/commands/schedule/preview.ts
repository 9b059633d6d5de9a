import { Command, Option } from 'clipanion';
import { intlZones } from '../../../adapters/machine/zones.ts';
import { previewOf } from '../../../client/schedules/preview.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { SkillosCommand } from '../../command.ts';
import { previewText } from '../../views/schedule-view.ts';

const MAX_COUNT = 1000;

export class SchedulePreviewCommand extends SkillosCommand {
  static override paths = [['schedule', 'preview']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Show when a schedule would fire; works offline',
    examples: [
      ['Workdays at eight', 'skillos schedule preview --cron "0 8 * * 1-5" --timezone Europe/Berlin'],
      [
        'A night of a clock change',
        'skillos schedule preview --cron "30 2 * * *" --timezone Europe/Berlin --from 2027-03-27',
      ],
    ],
  });

  runAt = Option.String('--run-at', { description: 'Once, at this time: ISO 8601' });
  cron = Option.Array('--cron', [], { description: 'Five fields, or @hourly and the like; repeatable' });
  every = Option.String('--every', { description: 'At this interval, such as 10m; at least 1s' });
  timezone = Option.String('--timezone', { description: 'IANA zone (default: SKILLOS_TIMEZONE, else UTC)' });
  from = Option.String('--from', { description: 'Begin at this time; default: now' });
  count = Option.String('--count', '5', { description: `How many firings, up to ${MAX_COUNT}` });

  async perform() {
    const { runAt, cron, every, timezone, from, config } = this;
    const { words, lines, offsetAt, document } = previewOf(
      { zones: intlZones, now: this.context.now },
      { runAt, cron, every, timezone, from, zone: config.timezone, count: countOf(this.count) },
    );
    this.note(words);
    this.print({
      text: lines.length === 0 ? 'no_firings' : lines.map((line) => previewText(line, offsetAt)),
      json: document,
    });
    return EXIT.ok;
  }
}

function countOf(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MAX_COUNT) return count;
  throw new SkillosError('usage', `Invalid --count ${JSON.stringify(text)}: expected 1 to ${MAX_COUNT}`);
}
