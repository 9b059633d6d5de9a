/** The first difference between two JSON values. */
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
