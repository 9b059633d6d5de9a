/** How far a step is, as far as its skill and Temporal tell. */
import { formatDuration } from '../core/duration.ts';
import type { JsonValue } from '../core/json.ts';
import type { PendingStep } from '../core/why.ts';

const CELLS = 10;
/** Other progress than a number is cut to so many characters. */
const MAX_TEXT = 40;

/** With a space before it; empty where there is nothing to tell. `now` is Unix milliseconds. */
export function progressText(live: PendingStep | undefined, now: number): string {
  if (live === undefined) return '';
  const { attempt, nextAt, isRunning, progress } = live;
  const tries = attempt > 1 ? `, attempt ${attempt}` : '';
  const waitMs = nextAt === undefined ? 0 : Date.parse(nextAt) - now;
  const next = !isRunning && waitMs > 0 ? ` in ${formatDuration(waitMs)}` : '';
  return `${tries}${next}${progress === undefined ? '' : ` ${barOf(progress)}`}`;
}

/** A number from 0 to 1 as a bar, anything else as it is. */
function barOf(progress: JsonValue): string {
  if (typeof progress === 'number' && progress >= 0 && progress <= 1) {
    const full = Math.round(progress * CELLS);
    return `${'█'.repeat(full)}${'░'.repeat(CELLS - full)} ${Math.round(progress * 100)}%`;
  }
  const text = typeof progress === 'string' ? progress : JSON.stringify(progress);
  const plain = text.replaceAll(/\p{Cc}/gu, ' ');
  return plain.length <= MAX_TEXT ? plain : `${plain.slice(0, MAX_TEXT)}…`;
}
