/** Time zones of the database in Node.js. */
import type { OffsetAt, Zone, Zones } from '../../core/schedules/zone.ts';

/** Creating a formatter is slow and there are few zones, so each is created once per process. */
const known = new Map<string, Zone | undefined>();
const MAX_KNOWN = 1000;

export const intlZones: Zones = {
  find: (name) => {
    if (known.has(name)) return known.get(name);
    const zone = open(name);
    if (known.size < MAX_KNOWN) known.set(name, zone);
    return zone;
  },
};

/** Intl accepts offsets such as `+03:00` too, which are not zones; they contain no letter. */
function open(name: string): Zone | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return undefined;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    return { name: canonicalName(name, format), offsetAt: cached((instant) => readOffset(format, instant)) };
  } catch {
    return undefined; // RangeError: not in the database
  }
}

/** Returns the spelling of the database if the name differs in case only; an alias such as `UTC` stays unchanged. */
function canonicalName(name: string, format: Intl.DateTimeFormat): string {
  const { timeZone } = format.resolvedOptions();
  if (timeZone.toLowerCase() === name.toLowerCase()) return timeZone;
  const spelled = Intl.supportedValuesOf('timeZone').find(
    (each) => each.toLowerCase() === name.toLowerCase(),
  );
  return spelled ?? name;
}

function readOffset(format: Intl.DateTimeFormat, instant: number): number {
  const second = Math.floor(instant / 1000) * 1000;
  const parts = Object.fromEntries(format.formatToParts(second).map(({ type, value }) => [type, value]));
  const local = Date.UTC(
    Number(parts['year']),
    Number(parts['month']) - 1,
    Number(parts['day']),
    Number(parts['hour']),
    Number(parts['minute']),
    Number(parts['second']),
  );
  return local - second;
}

/** Searches read the same instants repeatedly. Clocks change on full minutes. */
const MINUTE_MS = 60_000;
const MAX_CACHED = 20_000;

function cached(offsetAt: OffsetAt): OffsetAt {
  const offsets = new Map<number, number>();
  return (instant) => {
    const minute = Math.floor(instant / MINUTE_MS) * MINUTE_MS;
    const known = offsets.get(minute);
    if (known !== undefined) return known;
    const found = offsetAt(minute);
    if (offsets.size >= MAX_CACHED) offsets.clear();
    offsets.set(minute, found);
    return found;
  };
}
