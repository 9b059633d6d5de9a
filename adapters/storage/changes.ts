/** Changes of one document that arrive together: applied one after another in memory, then stored at once. */
import type { JsonObject } from '../../core/json.ts';

export type Change<T> = (current: T | undefined) => T | undefined;
/** The result of one change; if it throws, only its own caller fails. */
export type Changed = PromiseSettledResult<JsonObject | undefined>;

export interface Folded {
  /** Undefined if there is no document; the stored text if nothing has changed. */
  readonly text: string | undefined;
  readonly results: readonly Changed[];
}

/** Every change receives its own copy of the document, as if the previous change had been stored. */
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

/** Returns the result of the change, or throws its error. */
export function resultOf(changed: Changed): JsonObject | undefined {
  if (changed.status === 'rejected') throw changed.reason;
  return changed.value;
}
