/** Adds working time to the timesheet, a table of a SQLite file. */
import { PermanentError } from 'skillos';
import type { SkillContext, SqlConnector } from 'skillos';
import { fold, isFormOfAny, wordsOf } from '../language/words.ts';
import projects from './data/projects.json' with { type: 'json' };

export interface HoursRequest {
  readonly query?: string;
  readonly project?: string;
  readonly minutes?: number;
}

export interface Entered {
  readonly project: string;
  readonly minutes: number;
  /** Of all entries for the project. */
  readonly total_minutes: number;
  readonly entries: number;
}

interface Context extends Pick<SkillContext, 'idempotencyKey'> {
  readonly connectors: { readonly timesheet: SqlConnector };
}

const HOUR = ['h', 'hour~', 'час~', 'годин~', 'stunde~'];
const MINUTE = ['min', 'minute~', 'минут~', 'хвилин~'];
const MINUTES_OF_A_DAY = 24 * 60;

/** The key of an entry is the idempotency key, so that a second attempt of the step adds nothing. */
export async function run(request: HoursRequest, ctx: Context): Promise<Entered> {
  const said = request.query ?? '';
  const project = request.project ?? projectIn(said);
  const minutes = request.minutes ?? minutesIn(said);
  const { timesheet } = ctx.connectors;
  await timesheet.query(
    'CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY, project TEXT NOT NULL, minutes INTEGER NOT NULL)',
  );
  await timesheet.query('INSERT INTO entry VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING', [
    ctx.idempotencyKey,
    project,
    minutes,
  ]);
  const { rows } = await timesheet.query(
    'SELECT sum(minutes) AS total_minutes, count(*) AS entries FROM entry WHERE project = ?',
    [project],
  );
  return { project, minutes, ...(rows[0] as Pick<Entered, 'total_minutes' | 'entries'>) };
}

function projectIn(text: string): string {
  const words = new Set(wordsOf(text).map(({ folded }) => folded));
  const found = projects.find((project) => words.has(fold(project)));
  if (found !== undefined) return found;
  throw new PermanentError(`Expected a project, one of ${projects.join(', ')}, got "${text}"`);
}

/** Such as `2 hours`, `1.5 h` or `90 minutes`. */
function minutesIn(text: string): number {
  for (const [, amount = '', word = ''] of text.matchAll(/(\d+(?:[.,]\d+)?)\s*(\p{L}+)/gu)) {
    const size = sizeOf(fold(word));
    if (size !== undefined) return within(Math.round(Number(amount.replace(',', '.')) * size), text);
  }
  throw new PermanentError(`Expected a time, such as "2 hours" or "90 minutes", got "${text}"`);
}

/** In minutes. */
function sizeOf(unit: string): number | undefined {
  if (isFormOfAny(HOUR, unit)) return 60;
  return isFormOfAny(MINUTE, unit) ? 1 : undefined;
}

function within(minutes: number, text: string): number {
  if (minutes >= 1 && minutes <= MINUTES_OF_A_DAY) return minutes;
  throw new PermanentError(`Expected between 1 minute and 24 hours, got "${text}"`);
}
