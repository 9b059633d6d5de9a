/** Validates a caller's request to add a schedule. */
import { SkillosError } from '../errors/errors.ts';
import { durationMs } from '../values/duration.ts';
import { msOf } from '../values/iso-time.ts';
import { slotTime } from '../values/schedule-id.ts';
import { parseInstant } from './instant.ts';
import { OVERLAPS } from './overlap.ts';
import type { Overlap } from './overlap.ts';
import type { Schedule } from './schedule.ts';
import { nextFirings } from './firings.ts';
import { kindOf, parseExpressions, parseInterval } from './timing.ts';
import type { Timing, TimingRequest } from './timing.ts';
import type { Zone, Zones } from './zone.ts';

/** Values of the options, under their names. */
export interface ScheduleRequest extends TimingRequest {
  readonly timezone?: string | undefined;
  readonly startAt?: string | undefined;
  readonly endAt?: string | undefined;
  readonly times?: string | undefined;
  readonly overlap?: string | undefined;
  readonly catchup?: string | undefined;
  readonly jitter?: string | undefined;
}

/** The part of a schedule that determines its firings. */
export type Firing = Pick<
  Schedule,
  'timing' | 'zone' | 'startAt' | 'endAt' | 'times' | 'overlap' | 'catchupSeconds' | 'jitterSeconds'
>;

const DEFAULT_CATCHUP = '1h';
const MAX_TIMES = 1_000_000;
const MAX_SECONDS = 366 * 86_400;

/** Throws `invalid_schedule`, with the value in quotes, also if the schedule would never fire. */
export function parseScheduleRequest(request: ScheduleRequest, zones: Zones, fallbackZone: string): Firing {
  const zone = parseZone(request.timezone ?? fallbackZone, zones);
  const timing = parseTiming(request, zone);
  const startAt = timeOf(request.startAt, zone, '--start-at');
  const endAt = timeOf(request.endAt, zone, '--end-at');
  if (startAt !== undefined && endAt !== undefined && endAt < startAt) {
    throw invalid('--end-at', request.endAt as string, 'a time after --start-at');
  }
  const firing: Firing = {
    timing,
    zone: zone.name,
    overlap: parseOverlap(request.overlap ?? 'skip'),
    catchupSeconds: secondsOf(request.catchup ?? DEFAULT_CATCHUP, '--catchup', 10),
    ...(startAt === undefined ? {} : { startAt: slotTime(startAt) }),
    ...(endAt === undefined ? {} : { endAt: slotTime(endAt) }),
    ...(request.times === undefined ? {} : { times: parseTimes(request.times) }),
    ...(request.jitter === undefined ? {} : { jitterSeconds: secondsOf(request.jitter, '--jitter', 0) }),
  };
  refuseEmpty(firing, zone);
  return firing;
}

/** Throws `invalid_schedule` for a name that is missing in the time zone database. */
export function parseZone(name: string, zones: Zones): Zone {
  const zone = zones.find(name);
  if (zone !== undefined) return zone;
  throw invalid('--timezone', name, 'an IANA time zone such as Europe/Berlin');
}

function parseTiming(request: TimingRequest, zone: Zone): Timing {
  const { runAt = '', every = '', cron = [] } = request;
  switch (kindOf(request)) {
    case 'at':
      return { kind: 'at', at: slotTime(parseInstant(runAt, zone, '--run-at')) };
    case 'every':
      return { kind: 'every', seconds: parseInterval(every) };
    case 'cron':
      return { kind: 'cron', expressions: parseExpressions(cron).map(({ text }) => text) };
  }
}

/** Throws if the bounds exclude every firing. */
function refuseEmpty(firing: Firing, zone: Zone): void {
  const { startAt, endAt, timing } = firing;
  const isEarly = timing.kind === 'at' && startAt !== undefined && timing.at < startAt;
  const start = timing.kind === 'at' ? timing.at : startAt;
  const from = start === undefined ? undefined : msOf(start);
  const isEmpty = from !== undefined && nextFirings(firing, { from, count: 1 }, zone.offsetAt).length === 0;
  if (!isEarly && !isEmpty) return;
  const [option, value] =
    endAt === undefined ? ['--start-at' as const, startAt] : ['--end-at' as const, endAt];
  throw invalid(option, value as string, 'at least one firing between --start-at and --end-at');
}

function timeOf(text: string | undefined, zone: Zone, option: string): number | undefined {
  return text === undefined ? undefined : parseInstant(text, zone, option);
}

function parseOverlap(text: string): Overlap {
  const overlap = OVERLAPS.find((each) => each === text);
  if (overlap !== undefined) return overlap;
  throw invalid('--overlap', text, OVERLAPS.join(', '));
}

function parseTimes(text: string): number {
  const times = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (times >= 1 && times <= MAX_TIMES) return times;
  throw invalid('--times', text, `a whole number from 1 to ${MAX_TIMES}`);
}

function secondsOf(text: string, option: string, min: number): number {
  const ms = durationMs(text) ?? Number.NaN;
  if (ms >= min * 1000 && ms <= MAX_SECONDS * 1000 && ms % 1000 === 0) return ms / 1000;
  throw invalid(option, text, `whole seconds between ${min}s and 366d`);
}

function invalid(option: string, value: string, expected: string): SkillosError {
  const shown = JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
  return new SkillosError('invalid_schedule', `Invalid ${option} ${shown}: expected ${expected}`);
}
