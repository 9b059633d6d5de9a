/** Previews firings, including local times that a clock change skips or shows twice. */
import { localDays, namedTimes } from './cron-times.ts';
import type { NamedTime } from './cron-times.ts';
import { nextFirings } from './firings.ts';
import type { Calendar } from './firings.ts';
import { parseExpressions } from './timing.ts';
import { ascending, changeBetween, instantsOf } from './zone.ts';
import type { OffsetAt } from './zone.ts';

export type PreviewLine =
  | { readonly kind: 'fires'; readonly at: number; readonly pass?: 'first' | 'second' }
  /** A local time that clocks skip; `at` is the instant of the clock change. */
  | { readonly kind: 'skipped'; readonly at: number; readonly local: number };

/** Returns the next `count` firings from `from` on and the skipped times between them, ascending. */
export function previewFirings(
  calendar: Calendar,
  window: { readonly from: number; readonly count: number },
  offsetAt: OffsetAt,
): readonly PreviewLine[] {
  const fires = nextFirings(calendar, window, offsetAt);
  const skipped = skippedTimes(calendar, { from: window.from, to: fires.at(-1) ?? window.from }, offsetAt);
  const lines = [...fires.map((at) => firingLine(at, offsetAt)), ...skipped];
  return lines.sort((a, b) => a.at - b.at);
}

function firingLine(at: number, offsetAt: OffsetAt): PreviewLine {
  const [first, second] = instantsOf(at + offsetAt(at), offsetAt);
  if (second === undefined) return { kind: 'fires', at };
  return { kind: 'fires', at, pass: at === first ? 'first' : 'second' };
}

/** An expression whose hour is `*` skips nothing: it fires on both sides of the change. */
function skippedTimes(
  { timing }: Calendar,
  { from, to }: { readonly from: number; readonly to: number },
  offsetAt: OffsetAt,
): readonly PreviewLine[] {
  if (timing.kind !== 'cron') return [];
  const locals = parseExpressions(timing.expressions)
    .filter(({ everyHour }) => !everyHour)
    .flatMap((cron) => {
      const found: number[] = [];
      for (const day of localDays(cron, from, offsetAt)) {
        const times = namedTimes(cron, day, offsetAt);
        if ((times[0] as NamedTime).local > to + offsetAt(to)) break;
        found.push(...times.filter(({ instants }) => instants.length === 0).map(({ local }) => local));
      }
      return found;
    });
  return [...new Set(locals)]
    .sort(ascending)
    .map((local) => ({ kind: 'skipped' as const, at: changeBefore(local, offsetAt), local }))
    .filter(({ at }) => at >= from && at <= to);
}

const SPAN_MS = 15 * 3_600_000;

/** Returns the instant, to the second, of the clock change that skips a local time. */
function changeBefore(local: number, offsetAt: OffsetAt): number {
  return changeBetween([local - SPAN_MS, local + SPAN_MS], 1000, offsetAt);
}
