/** Parses instants in ISO 8601, in a given zone unless the text contains an offset. */
import { SkillosError } from '../errors/errors.ts';
import { daysInMonth } from './civil-date.ts';
import { instantsOf, localOf } from './zone.ts';
import type { Zone } from './zone.ts';

const DATE = /^(\d{4})-(\d{2})-(\d{2})/;
const TIME = /^T(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d{1,9})?)?/i;
const OFFSET = /^(?:(Z)|([+-])(\d{2})(?::?(\d{2}))?)$/i;

/**
 * Returns Unix milliseconds, without fractions of a second. A date without a time is its midnight. A local
 * time that clocks show twice is the first one. Throws `invalid_schedule` for a local time that clocks skip
 * and for a date that does not exist.
 */
export function parseInstant(text: string, zone: Zone, option: string): number {
  const { local, rest } = readLocal(text, option);
  if (rest !== '') return local - offsetOf(rest, text, option);
  const [first] = instantsOf(local, zone.offsetAt);
  if (first !== undefined) return first;
  throw refuse(text, option, `a time that exists in ${zone.name}: clocks skip this one`);
}

function readLocal(text: string, option: string): { readonly local: number; readonly rest: string } {
  const date = DATE.exec(text);
  if (date === null) throw refuse(text, option, 'ISO 8601 such as 2027-01-18T08:00:00+03:00');
  const [year, month, day] = date.slice(1).map(Number) as [number, number, number];
  const afterDate = text.slice(date[0].length);
  const time = TIME.exec(afterDate);
  const [hour, minute, second] = (time?.slice(1) ?? ['0', '0', '0']).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
  ];
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
    throw refuse(text, option, 'a date that exists, from 1970 on');
  }
  if (hour > 23 || minute > 59 || second > 59)
    throw refuse(text, option, 'a time between 00:00:00 and 23:59:59');
  const local = localOf({ year, month, day }, hour * 3600 + minute * 60 + second);
  return { local, rest: afterDate.slice(time?.[0].length ?? 0) };
}

function offsetOf(rest: string, text: string, option: string): number {
  const match = OFFSET.exec(rest);
  if (match === null) throw refuse(text, option, 'ISO 8601 such as 2027-01-18T08:00:00+03:00');
  const hours = Number(match[3] ?? 0);
  const minutes = Number(match[4] ?? 0);
  if (hours > 14 || minutes > 59) throw refuse(text, option, 'an offset between -14:00 and +14:00');
  return (match[2] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function refuse(text: string, option: string, expected: string): SkillosError {
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
  return new SkillosError('invalid_schedule', `Invalid ${option} ${shown}: expected ${expected}`);
}
