/** The progress of a step as text, from its skill and from Temporal. */
import { formatDuration } from '../../core/values/duration.ts';
import type { JsonValue } from '../../core/json.ts';
import type { PendingStep } from '../../core/runs/why.ts';

const CELLS = 10;
/** Maximum length of progress that is not a number. */
const MAX_TEXT = 40;

/** Begins with a space; empty without progress. `now` is in Unix milliseconds. */
export function progressText(live: PendingStep | undefined, now: number): string {
  if (live === undefined) return '';
  const { attempt, waiting, nextAt, isRunning, progress } = live;
  if (waiting !== undefined) return ', waits for concurrency';
  const tries = attempt > 1 ? `, attempt ${attempt}` : '';
  const waitMs = nextAt === undefined ? 0 : Date.parse(nextAt) - now;
  const next = !isRunning && waitMs > 0 ? ` in ${formatDuration(waitMs)}` : '';
  return `${tries}${next}${progress === undefined ? '' : ` ${barOf(progress)}`}`;
}

/** Returns a bar for a number from 0 to 1, other values as text. */
function barOf(progress: JsonValue): string {
  if (typeof progress === 'number' && progress >= 0 && progress <= 1) {
    const full = Math.round(progress * CELLS);
    return `${'█'.repeat(full)}${'░'.repeat(CELLS - full)} ${Math.round(progress * 100)}%`;
  }
  const text = typeof progress === 'string' ? progress : JSON.stringify(progress);
  const plain = text.replaceAll(/\p{Cc}/gu, ' ');
  return plain.length <= MAX_TEXT ? plain : `${plain.slice(0, MAX_TEXT)}…`;
}
