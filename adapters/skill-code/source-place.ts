/** Places in code that esbuild has printed, and in its source. */
import { TraceMap, originalPositionFor } from '@jridgewell/trace-mapping';

/** Line from 1, column from 0 in UTF-16 code units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Undefined for code that esbuild has added. `map` is the source map of one file, as JSON. */
export function sourcePlace(map: string, printed: Place): Place | undefined {
  const { line, column } = originalPositionFor(new TraceMap(map), printed);
  return line === null ? undefined : { line, column };
}
