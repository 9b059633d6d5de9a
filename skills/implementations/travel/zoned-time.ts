/** Wall-clock times of IANA zones, daylight saving included, by the platform's own zone data. */

/** The instant at which clocks of the zone show that date and time. */
export function instantOf(date: string, time: string, zone: string): number {
  const wall = Date.parse(`${date}T${time}Z`);
  const near = wall - offsetMs(wall, zone);
  return wall - offsetMs(near, zone);
}

/** Local time with its offset, such as `2026-11-27T07:15+03:00`. */
export function localTime(instant: number, zone: string): string {
  const offset = offsetMs(instant, zone);
  const wall = new Date(instant + offset).toISOString().slice(0, 16);
  const distance = new Date(Math.abs(offset)).toISOString().slice(11, 16);
  return `${wall}${offset < 0 ? '-' : '+'}${distance}`;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function offsetMs(instant: number, zone: string): number {
  const clock = clocks.get(zone) ?? clockOf(zone);
  return Date.parse(`${clock.format(instant).replace(' ', 'T')}Z`) - Math.floor(instant / 1000) * 1000;
}

function clockOf(zone: string): Intl.DateTimeFormat {
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  clocks.set(zone, clock);
  return clock;
}
