/** Decides if a query with several instructions is split into steps, and gives the reasons. */
import { connectivesOf } from './connectives.ts';
import type { ConnectiveKind } from './connectives.ts';
import { SkillosError } from '../errors/errors.ts';
import { stepsOf } from '../plans/plan.ts';
import type { Plan } from '../plans/plan.ts';
import { boundariesIn, interpretSequence } from './interpretation.ts';
import type { SplitContext, Segment } from './interpretation.ts';

/** `single`: never split; `pipeline`: into a sequence; `parallel`: into a group; `auto`: either, by its connectives. */
const MODES = ['single', 'pipeline', 'parallel', 'auto'] as const;

export type Mode = (typeof MODES)[number];

/** Parses `--mode`. Throws `usage` for an unknown mode. */
export function parseMode(text: string): Mode {
  const mode = MODES.find((known) => known === text);
  if (mode !== undefined) return mode;
  const expected = 'expected single, pipeline, parallel or auto';
  throw new SkillosError('usage', `Invalid --mode ${JSON.stringify(text.slice(0, 80))}: ${expected}`);
}

export interface Split {
  /** Absent if the query is not split. */
  readonly plan?: Plan<Segment>;
  /** The decision at each connective, for people. */
  readonly reasons: readonly string[];
}

/** A longer query, or one with more connectives, is treated as text to process and is never split. */
const MAX_CHARACTERS = 1000;
const MAX_CONNECTIVES = 12;

const KINDS: Readonly<Record<Mode, readonly ConnectiveKind[]>> = {
  single: [],
  pipeline: ['next', 'after', 'before'],
  parallel: ['and', 'list'],
  auto: ['next', 'after', 'before', 'and', 'list'],
};

/**
 * Splits a query if each part routes with enough confidence, no two neighbours route to the same skill, and the parts
 * together score higher than the query as a whole.
 */
export async function splitQuery(query: string, mode: Mode, route: SplitContext['route']): Promise<Split> {
  const text = query.trim();
  if (mode === 'single') return { reasons: [] };
  if (text.length > MAX_CHARACTERS) return { reasons: [`longer than ${MAX_CHARACTERS} characters`] };
  if (connectivesOf(text).length > MAX_CONNECTIVES) {
    return { reasons: [`more than ${MAX_CONNECTIVES} connectives`] };
  }
  const context = { kinds: KINDS[mode], route: memoized(route) };
  const interpretation = await interpretSequence(text, context);
  const parts = interpretation === undefined ? [{ text }] : stepsOf(interpretation.plan);
  const against = await Promise.all(parts.map((part) => reasonsAgainst(part.text, context)));
  const reasons = [...(interpretation?.reasons ?? []), ...against.flat()];
  return parts.length === 1 || interpretation === undefined
    ? { reasons }
    : { plan: interpretation.plan, reasons };
}

/** Explains for each connective in a text that was not split why it was not. */
function reasonsAgainst(text: string, context: SplitContext): Promise<readonly string[]> {
  const words = boundariesIn(text, context).filter(({ kind }) => kind !== 'list');
  return Promise.all(
    words.map(async ({ word, start, end }) => {
      const sides = [text.slice(0, start), text.slice(end)] as const;
      const [left, right] = await Promise.all([context.route(sides[0]), context.route(sides[1])]);
      if (left.status !== 'routed')
        return `not split at "${word}": no skill is certain for ${quoted(sides[0])}`;
      if (right.status !== 'routed')
        return `not split at "${word}": no skill is certain for ${quoted(sides[1])}`;
      return left.skill === right.skill
        ? `not split at "${word}": both sides route to ${left.skill}`
        : `not split at "${word}": as a whole it routes with a higher score`;
    }),
  );
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 37)}...` : text);
}

/** Routes each text once: the same part is a candidate of several segmentations. */
function memoized(route: SplitContext['route']): SplitContext['route'] {
  const known = new Map<string, ReturnType<SplitContext['route']>>();
  return (text) => {
    const routing = known.get(text) ?? route(text);
    known.set(text, routing);
    return routing;
  };
}
