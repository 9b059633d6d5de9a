/** Differences between two JSON values. */
import { structuredPatch } from 'diff';
import type { JsonValue } from '../json.ts';

/** Returns the JSON pointer of the first difference, or undefined if the values are equal. */
export function differenceAt(expected: JsonValue, actual: JsonValue, pointer = ''): string | undefined {
  if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null) {
    return expected === actual ? undefined : pointer;
  }
  if (Array.isArray(expected) !== Array.isArray(actual)) return pointer;
  const [left, right] = [new Map(Object.entries(expected)), new Map(Object.entries(actual))];
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const inner = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const [a, b] = [left.get(key), right.get(key)];
    const difference = a === undefined || b === undefined ? inner : differenceAt(a, b, inner);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** Returns the lines in which two values differ as indented JSON, with two lines around them; `-` is expected, `+` actual. */
export function differingLines(expected: JsonValue, actual: JsonValue): readonly string[] {
  const [before, after] = [expected, actual].map((value) => `${JSON.stringify(value, null, 2)}\n`) as [
    string,
    string,
  ];
  return structuredPatch('', '', before, after, '', '', { context: 2 }).hunks.flatMap(({ lines }) => lines);
}
