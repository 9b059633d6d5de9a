/** Finds the documents of a page by the lines of an index. */
import type { RecordIndex, Where } from '../../../core/storage/record-index.ts';
import type { ListPage } from '../../../core/storage/records.ts';
import { versionOf } from './index-facts.ts';
import { GONE, OPEN, SETTLED, fieldsPattern, keyOf, linesOf, placeBelow, stateOf } from './index-lines.ts';

export interface IndexView {
  readonly snapshot: string;
  /** Lines that replace those of the snapshot, by key. */
  readonly newer: ReadonlyMap<string, string>;
}

export interface Query extends ListPage {
  readonly where: Where;
}

export interface Candidate {
  readonly key: string;
  /** True if the index says that the document matches; otherwise it has to be read. */
  readonly isKnown: boolean;
}

interface Lookup {
  readonly index: RecordIndex;
  readonly fileOf: (key: string) => string;
}

export function* candidates(view: IndexView, query: Query, { index, fileOf }: Lookup): Generator<Candidate> {
  const { after, descending = false, where } = query;
  const fields = fieldsPattern(index, where);
  const matches = new RegExp(`^[^\\t]+\\t[^\\t]+${fields}$`);
  const from = descending && after !== undefined ? placeBelow(view.snapshot, after) : 0;
  const found = merged(linesOf(view.snapshot, from, fields), view.newer);
  for (const line of descending ? found : [...found].reverse()) {
    const key = keyOf(line);
    if (after !== undefined && (descending ? key >= after : key <= after)) continue;
    const state = stateOf(line, key);
    if (state === GONE) continue;
    const isBelieved = state === SETTLED || (state !== OPEN && state === versionOf(fileOf(key)));
    if (!isBelieved) yield { key, isKnown: false };
    else if (matches.test(line)) yield { key, isKnown: true };
  }
}

/** Yields the lines of both, the greatest key first; of two lines for one key the newer one. */
function* merged(snapshot: Iterable<string>, newer: ReadonlyMap<string, string>): Generator<string> {
  const waiting = [...newer.keys()].sort(); // the next is the last
  const next = () => newer.get(waiting.pop() as string) as string;
  for (const line of snapshot) {
    const key = keyOf(line);
    while (waiting.length > 0 && (waiting.at(-1) as string) >= key) yield next();
    if (!newer.has(key)) yield line;
  }
  while (waiting.length > 0) yield next();
}
