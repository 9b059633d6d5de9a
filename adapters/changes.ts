/** Changes of one document that come together: made one after the other in memory, then stored at once. */
import type { JsonObject } from '../core/json.ts';

export type Change<T> = (current: T | undefined) => T | undefined;
/** What came of one change: one that throws fails alone. */
export type Changed = PromiseSettledResult<JsonObject | undefined>;

export interface Folded {
  /** Undefined for no document; the very text that was stored where nothing has changed. */
  readonly text: string | undefined;
  readonly results: readonly Changed[];
}

/** Every change sees a document of its own, as if the one before had been stored. */
export function foldChanges(
  stored: string | undefined,
  changes: readonly Change<JsonObject>[],
  parse: (text: string) => JsonObject = JSON.parse,
): Folded {
  let text = stored;
  const results = changes.map((change): Changed => {
    const current = text === undefined ? undefined : parse(text);
    try {
      const value = change(current);
      if (value !== current) text = value === undefined ? undefined : JSON.stringify(value);
      return { status: 'fulfilled', value };
    } catch (reason) {
      return { status: 'rejected', reason };
    }
  });
  return { text, results };
}

/** What the change returned, or throws what it threw. */
export function resultOf(changed: Changed): JsonObject | undefined {
  if (changed.status === 'rejected') throw changed.reason;
  return changed.value;
}
