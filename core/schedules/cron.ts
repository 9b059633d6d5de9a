/**
 * Parses cron expressions of five fields by the rules of POSIX. Not by croner 11, which accepts `L`, `#`, `?`
 * and `W`, moves a time that clocks skip to another one, and does not report which days a month must have.
 */
import { SkillosError } from '../errors/errors.ts';

export interface Cron {
  /** The expression as the caller wrote it. */
  readonly text: string;
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  readonly months: readonly number[];
  /** 0 is Sunday. */
  readonly weekdays: readonly number[];
  /** True if the hour field is `*`: the expression then fires all through a night on which clocks change. */
  readonly everyHour: boolean;
  readonly dayIsOpen: boolean;
  readonly weekdayIsOpen: boolean;
}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names for the numbers, the first for `min`. */
  readonly names?: readonly string[];
}

const MINUTE: Field = { name: 'minute', min: 0, max: 59 };
const HOUR: Field = { name: 'hour', min: 0, max: 23 };
const DAY: Field = { name: 'day of month', min: 1, max: 31 };
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH: Field = { name: 'month', min: 1, max: 12, names: MONTHS };
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const WEEKDAY: Field = { name: 'weekday', min: 0, max: 7, names: WEEKDAYS };

const MACROS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const LONGEST_MONTH = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const MAX_LENGTH = 200;

/** Throws `invalid_schedule`, with the field, if the text is not an expression or never fires. */
export function parseCron(text: string): Cron {
  if (text.length > MAX_LENGTH) throw refuse(text, `at most ${MAX_LENGTH} characters`);
  const fields = fieldsOf(text);
  const [minutes, hours, days, months, weekdays] = [MINUTE, HOUR, DAY, MONTH, WEEKDAY].map((field, index) =>
    valuesOf(fields[index] as string, field, text),
  ) as [number[], number[], number[], number[], number[]];
  const cron: Cron = {
    text,
    minutes,
    hours,
    days,
    months,
    weekdays: [...new Set(weekdays.map((day) => day % 7))].sort((a, b) => a - b),
    everyHour: isStar(fields[1] as string),
    dayIsOpen: isStar(fields[2] as string),
    weekdayIsOpen: isStar(fields[4] as string),
  };
  if (!canFire(cron))
    throw refuse(text, 'a day that occurs in one of the months; this expression never fires');
  return cron;
}

/** Returns the five fields in lower case; a macro such as `@daily` is replaced by its fields. */
export function fieldsOf(text: string): readonly string[] {
  const trimmed = text.trim().toLowerCase();
  if (trimmed.startsWith('@') && !Object.hasOwn(MACROS, trimmed)) {
    throw refuse(text, `one of ${Object.keys(MACROS).join(' ')}, or five fields`);
  }
  const fields = (MACROS[trimmed] ?? trimmed).split(/[ \t]+/);
  if (fields.length === 5) return fields;
  throw refuse(
    text,
    `five fields (minute hour day month weekday), got ${trimmed === '' ? 0 : fields.length}`,
  );
}

function isStar(field: string): boolean {
  return field === '*' || field === '*/1';
}

function valuesOf(text: string, field: Field, expression: string): number[] {
  const values = text.split(',').flatMap((part) => partOf(part, field, expression));
  return [...new Set(values)].sort((a, b) => a - b);
}

const PART = /^(?:(\*)|(\d{1,2}|[a-z]{3})(?:-(\d{1,2}|[a-z]{3}))?)(?:\/(\d{1,2}))?$/;

/** Returns the values of one element of a list: `*`, `5`, `1-5`, `mon-fri`, and with a step `* /15` or `1-31/2`. */
function partOf(part: string, field: Field, expression: string): number[] {
  const [, star, first, last, step] = PART.exec(part) ?? [];
  if (star === undefined && first === undefined) throw refuseField(part, field, expression);
  const from = star === undefined ? valueOf(first as string, field) : field.min;
  const to = last === undefined ? (star === undefined ? from : lastOf(field)) : endOf(last, field);
  const size = Number(step ?? 1);
  const isSingle = star === undefined && last === undefined;
  const isWrong = from === undefined || to === undefined || from > to || size < 1 || size > field.max;
  if (isWrong || (isSingle && step !== undefined)) throw refuseField(part, field, expression);
  return Array.from({ length: Math.floor((to - from) / size) + 1 }, (_, index) => from + index * size);
}

function valueOf(text: string, { min, max, names }: Field): number | undefined {
  const named = names?.indexOf(text) ?? -1;
  const value = named >= 0 ? named + min : /^\d+$/.test(text) ? Number(text) : NaN;
  return value >= min && value <= max ? value : undefined;
}

/** Returns the end of a range; `sat-sun` ends with day 7. */
function endOf(text: string, field: Field): number | undefined {
  return field === WEEKDAY && text === 'sun' ? 7 : valueOf(text, field);
}

/** Returns the last value of `*`: 6 for weekdays, because 7 is a second name of Sunday. */
function lastOf(field: Field): number {
  return field === WEEKDAY ? 6 : field.max;
}

function canFire({ days, months, dayIsOpen, weekdayIsOpen }: Cron): boolean {
  if (dayIsOpen || !weekdayIsOpen) return true;
  return months.some((month) => (days[0] as number) <= (LONGEST_MONTH[month] as number));
}

function refuseField(part: string, field: Field, expression: string): SkillosError {
  const names = field.names === undefined ? '' : `, ${field.names[0]}-${field.names.at(-1)}`;
  const range = `${field.min}-${field.max}${names}`;
  return refuse(
    expression,
    `* or numbers, ranges and steps within ${range} as ${field.name}, got ${quote(part)}`,
  );
}

function refuse(text: string, expected: string): SkillosError {
  return new SkillosError('invalid_schedule', `Invalid cron expression ${quote(text)}: expected ${expected}`);
}

function quote(text: string): string {
  return JSON.stringify(text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}...` : text);
}
