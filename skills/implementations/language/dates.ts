/** Calendar dates in free text: ISO, 24.12.2026, 24 December, Friday, tomorrow; in four languages. */
import { PermanentError } from 'skillos';
import calendar from './data/calendar.json' with { type: 'json' };
import { isFormOfAny, wordsOf } from './words.ts';

const DAY_MS = 86_400_000;

/** Today's date at a place of that IANA zone, as `YYYY-MM-DD`. */
export function todayIn(zone = 'UTC'): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(new Date());
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** From 1 for Monday to 7 for Sunday. */
export function weekdayOf(date: string): number {
  return ((new Date(date).getUTCDay() + 6) % 7) + 1;
}

/** The first date the text names; one without a year is the next such day from `today` on. */
export function dateIn(text: string, today: string): string | undefined {
  return numericDate(text, today) ?? namedDay(text, today) ?? dayAndMonth(text, today);
}

/** The date a field holds, in any of those forms; anything else is refused. */
export function dateOf(field: string, today: string): string {
  const date = dateIn(field, today);
  if (date === undefined) {
    throw new PermanentError(`Expected a date such as 2026-12-24 or Friday, got "${field.slice(0, 60)}"`);
  }
  return date;
}

/** The month the text names, as `YYYY-MM`; without a year the last such month up to `today`. */
export function monthIn(text: string, today: string): string | undefined {
  const numeric = /\b(\d{4})-(0[1-9]|1[0-2])\b/.exec(text);
  if (numeric) return numeric[0];
  const month = wordsOf(text)
    .map((word) => 1 + calendar.months.findIndex((names) => isFormOfAny(names, word.folded)))
    .find((number) => number > 0);
  if (month === undefined) return undefined;
  const year = /\b(20\d{2})\b/.exec(text)?.[1];
  if (year !== undefined) return `${year}-${twoDigits(month)}`;
  const current = Number(today.slice(0, 4));
  const thisYears = `${current}-${twoDigits(month)}`;
  return thisYears <= today.slice(0, 7) ? thisYears : `${current - 1}-${twoDigits(month)}`;
}

/** Whether a word speaks of time, so that it is no name of a place. */
export function isCalendarWord(folded: string): boolean {
  return Object.values(calendar).some((groups) => groups.some((names) => isFormOfAny(names, folded)));
}

function numericDate(text: string, today: string): string | undefined {
  const iso = /\b(\d{4})-(\d{2})-(\d{2})\b/.exec(text);
  if (iso) return checked(iso[0], iso[0]);
  const dotted = /(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})?(?![\d.])/.exec(text);
  if (!dotted) return undefined;
  const [written, day, month, year] = dotted;
  return dated({ written, day: Number(day), month: Number(month), year }, today);
}

function namedDay(text: string, today: string): string | undefined {
  if (/\bday after tomorrow\b/i.test(text)) return addDays(today, 2);
  for (const { folded } of wordsOf(text)) {
    const ahead = calendar.days.findIndex((names) => names.includes(folded));
    if (ahead >= 0) return addDays(today, ahead);
    const weekday = 1 + calendar.weekdays.findIndex((names) => isFormOfAny(names, folded));
    if (weekday > 0) return addDays(today, (weekday - weekdayOf(today) + 7) % 7);
  }
  return undefined;
}

function dayAndMonth(text: string, today: string): string | undefined {
  const words = wordsOf(text);
  for (const [at, word] of words.entries()) {
    const month = 1 + calendar.months.findIndex((names) => isFormOfAny(names, word.folded));
    const number = [words[at - 1], words[at + 1]].find((near) =>
      /^\d{1,2}(st|nd|rd|th)?$/.test(near?.folded ?? ''),
    );
    if (month === 0 || !number) continue;
    const year = [words[at + 1], words[at + 2]].find((near) => /^\d{4}$/.test(near?.folded ?? ''))?.text;
    return dated(
      { written: `${number.text} ${word.text}`, day: parseInt(number.text, 10), month, year },
      today,
    );
  }
  return undefined;
}

interface WrittenDate {
  readonly written: string;
  readonly day: number;
  readonly month: number;
  readonly year: string | undefined;
}

function dated({ written, day, month, year }: WrittenDate, today: string): string {
  const rest = `${twoDigits(month)}-${twoDigits(day)}`;
  if (year !== undefined) return checked(`${year}-${rest}`, written);
  const current = Number(today.slice(0, 4));
  const thisYears = `${current}-${rest}`;
  return checked(thisYears >= today ? thisYears : `${current + 1}-${rest}`, written);
}

function checked(date: string, written: string): string {
  const time = Date.parse(date);
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(date)) return date;
  throw new PermanentError(`Expected a date of the calendar, got "${written}"`);
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
