/** The section `eval` of a manifest: cases with the answers that are expected, under the predecessor's names. */
import * as z from 'zod';
import type { JsonValue } from '../json.ts';

const MATCHES = ['equals', 'contains', 'regex', 'numeric_range', 'regex_numeric'] as const;

const isJson = (value: unknown): value is JsonValue => z.json().safeParse(value).success;
/** Not `z.json()`: its message does not say what is expected. */
const json = z.unknown().refine(isJson, 'expected a JSON value') as z.ZodType<JsonValue>;

const evalCase = z
  .strictObject({
    input: json.describe('The payload'),
    expected: json
      .optional()
      .describe('The output for equals, a part of it for contains, otherwise a regular expression'),
    match: z.enum(MATCHES).default('equals').describe('How the output is compared'),
    range: z
      .tuple([z.number(), z.number()])
      .optional()
      .describe('Least and greatest number, for numeric_range and regex_numeric'),
    group: z.int().min(0).max(99).default(1).describe('The group of regex_numeric with the number'),
  })
  .check(({ value, issues }) => {
    const issue = issueOf(value);
    if (issue !== undefined) issues.push({ code: 'custom', input: value, ...issue });
  });

export const evalSchema = z.strictObject({
  cases: z.array(evalCase).min(1).max(1000),
  pass_threshold: z.number().min(0).max(1).default(1).describe('Least share of cases that must pass'),
  max_cases: z.int().min(1).optional().describe('Only the first cases, this many'),
  timeout_seconds: z
    .number()
    .min(0)
    .max(86_400)
    .default(0)
    .describe('Longest duration of a case; 0 for the timeout of the skill alone'),
  fail_fast: z.boolean().default(false).describe('Ends at the first case that fails'),
});

export type EvalCase = z.output<typeof evalCase>;

interface Issue {
  readonly path: PropertyKey[];
  readonly message: string;
}

/** Returns the field that does not fit the kind of match. */
function issueOf({ match, expected, range }: EvalCase): Issue | undefined {
  const isNumeric = match === 'numeric_range' || match === 'regex_numeric';
  if (isNumeric && (range === undefined || range[0] > range[1])) {
    return { path: ['range'], message: 'expected two numbers, the least one first' };
  }
  if (match === 'numeric_range') return undefined;
  if (expected === undefined) return { path: ['expected'], message: `expected a value for match: ${match}` };
  if (match === 'equals') return undefined;
  if (typeof expected !== 'string' || expected.length > 1000) {
    return { path: ['expected'], message: `expected at most 1000 characters of text for match: ${match}` };
  }
  return match === 'contains' || isPattern(expected)
    ? undefined
    : { path: ['expected'], message: 'expected a regular expression of JavaScript' };
}

function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text, 'u'));
  } catch {
    return false; // SyntaxError: the only one that RegExp throws for a text
  }
}
