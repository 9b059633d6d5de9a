/** Describes the times of a schedule in English. */
import cronstrue from 'cronstrue';
import { fieldsOf, parseCron } from './cron.ts';
import type { Timing } from './timing.ts';

const WORDS = { use24HourTimeFormat: true } as const;

/** `At 08:30, Monday through Friday, Europe/Berlin`. */
export function timingText(timing: Timing, zone: string): string {
  switch (timing.kind) {
    case 'at':
      return `Once, at ${timing.at}`;
    case 'every':
      return `Every ${intervalText(timing.seconds)}`;
    case 'cron':
      return `${timing.expressions.map(cronText).join('; ')}, ${zone}`;
  }
}

/** Two sentences if day of month and weekday are both restricted, because one match is enough. */
function cronText(expression: string): string {
  const { dayIsOpen, weekdayIsOpen } = parseCron(expression);
  const [minute, hour, day, month, weekday] = fieldsOf(expression);
  if (dayIsOpen || weekdayIsOpen) return words([minute, hour, day, month, weekday]);
  return `${words([minute, hour, day, month, '*'])}; and also: ${words([minute, hour, '*', month, weekday])}`;
}

function words(fields: readonly (string | undefined)[]): string {
  return cronstrue.toString(fields.join(' '), WORDS);
}

const UNITS = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'm'],
] as const;

/** `10m`, `36h`, `90s`: the largest unit without a remainder. */
function intervalText(seconds: number): string {
  const [size, unit] = UNITS.find(([size]) => seconds % size === 0) ?? [1, 's'];
  return `${seconds / size}${unit}`;
}
