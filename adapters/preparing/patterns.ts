/** Finds regular expressions in a JSON Schema whose matching takes exponential time, or a high power of the length. */
import { analyse } from 'scslre';
import type { JsonValue } from '../../core/json.ts';
import { within } from './deadline.ts';

/**
 * Analysing a pattern takes a few milliseconds; one that takes longer is accepted, and runs under a deadline
 * like any other.
 */
const MAX_ANALYSIS_MS = 250;
/** Values of these keywords are data, not schemas. */
const DATA = new Set(['const', 'enum', 'default', 'examples']);

/** Returns the first such pattern. */
export function catastrophicPattern(schema: JsonValue): string | undefined {
  return patternsIn(schema).find(isCatastrophic);
}

function patternsIn(schema: JsonValue): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key === 'pattern' && typeof value === 'string') return [value];
    if (DATA.has(key)) return [];
    return key === 'patternProperties' && typeof value === 'object' && value !== null
      ? Object.keys(value).concat(patternsIn(value))
      : patternsIn(value);
  });
}

function isCatastrophic(pattern: string): boolean {
  const analysis = within(MAX_ANALYSIS_MS, () => analyse({ source: pattern, flags: 'u' }));
  // "Self" is a repetition within a repetition: `(.*a){20}` takes the twentieth power of the length.
  return analysis?.value.reports.some(({ exponential, type }) => exponential || type === 'Self') ?? false;
}
