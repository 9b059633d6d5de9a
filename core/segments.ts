/** One request that holds several orders: whether it is split, and why. */
import { connectivesOf } from './connectives.ts';
import type { ConnectiveKind } from './connectives.ts';
import { SkillosError } from './errors.ts';
import { stepsOf } from './plan.ts';
import type { Plan } from './plan.ts';
import { jointsOf, readSequence } from './reading.ts';
import type { Reader, Segment } from './reading.ts';

/** What a query may be split into: nothing, a sequence, a group, or whatever its words say. */
const MODES = ['single', 'pipeline', 'parallel', 'auto'] as const;

export type Mode = (typeof MODES)[number];

/** Throws `usage` for anything else. */
export function parseMode(text: string): Mode {
  const mode = MODES.find((known) => known === text);
  if (mode !== undefined) return mode;
  const expected = 'expected single, pipeline, parallel or auto';
  throw new SkillosError('usage', `Invalid --mode ${JSON.stringify(text.slice(0, 80))}: ${expected}`);
}

export interface Split {
  /** What runs; absent where the query stays whole. */
  readonly plan?: Plan<Segment>;
  /** What was decided at each connective, for people. */
  readonly reasons: readonly string[];
}

/** Longer requests, or those with more connectives, are a text that is handed over rather than orders. */
const MAX_CHARACTERS = 1000;
const MAX_CONNECTIVES = 12;

const KINDS: Readonly<Record<Mode, readonly ConnectiveKind[]>> = {
  single: [],
  pipeline: ['next', 'after', 'before'],
  parallel: ['and', 'list'],
  auto: ['next', 'after', 'before', 'and', 'list'],
};

/**
 * Splits where every part routes with confidence, none means the same skill as its neighbour, and all of them together
 * are likelier meant than the whole is.
 */
export async function splitQuery(query: string, mode: Mode, route: Reader['route']): Promise<Split> {
  const text = query.trim();
  if (mode === 'single') return { reasons: [] };
  if (text.length > MAX_CHARACTERS) return { reasons: [`longer than ${MAX_CHARACTERS} characters`] };
  if (connectivesOf(text).length > MAX_CONNECTIVES) {
    return { reasons: [`more than ${MAX_CONNECTIVES} connectives`] };
  }
  const reader = { kinds: KINDS[mode], route: remembering(route) };
  const reading = await readSequence(text, reader);
  const parts = reading === undefined ? [{ text }] : stepsOf(reading.plan);
  const against = await Promise.all(parts.map((part) => reasonsAgainst(part.text, reader)));
  const reasons = [...(reading?.reasons ?? []), ...against.flat()];
  return parts.length === 1 || reading === undefined ? { reasons } : { plan: reading.plan, reasons };
}

/** Why a text was not split at the words in it that may join orders. */
function reasonsAgainst(text: string, reader: Reader): Promise<readonly string[]> {
  const words = jointsOf(text, reader).filter(({ kind }) => kind !== 'list');
  return Promise.all(
    words.map(async ({ word, start, end }) => {
      const sides = [text.slice(0, start), text.slice(end)] as const;
      const [left, right] = await Promise.all([reader.route(sides[0]), reader.route(sides[1])]);
      if (left.status !== 'routed') return `not split at "${word}": not sure what ${quoted(sides[0])} means`;
      if (right.status !== 'routed') return `not split at "${word}": not sure what ${quoted(sides[1])} means`;
      return left.skill === right.skill
        ? `not split at "${word}": both sides mean ${left.skill}`
        : `not split at "${word}": likelier meant as one`;
    }),
  );
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 37)}...` : text);
}

/** Parts are looked at from several sides. */
function remembering(route: Reader['route']): Reader['route'] {
  const known = new Map<string, ReturnType<Reader['route']>>();
  return (text) => {
    const routing = known.get(text) ?? route(text);
    known.set(text, routing);
    return routing;
  };
}
