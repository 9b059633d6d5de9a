/** Shared parsing of the files below policies/. An invalid file is never treated like an absent one. */
import * as z from 'zod';
import { findName } from '../values/strict-json.ts';

export const MAX_POLICY_FILE_BYTES = 1024 * 1024;

export interface AbsentFile {
  readonly status: 'absent';
}

export interface InvalidFile {
  readonly status: 'invalid';
  readonly message: string;
}

export const word = (max: number, expected: string) =>
  z.string(expected).refine((text) => /^\P{Cc}+$/u.test(text) && text.length <= max, { error: expected });
export const listed = (value: unknown): unknown => (Array.isArray(value) ? value : [value]);
export const skillGlob = word(256, 'expected a skill id or a pattern of ids, such as "admin/*"');
export const policyId = word(128, 'expected a name').optional();
/** Names the JSON Schema of the file to editors. */
export const schemaReference = { $schema: z.string().optional() };

/** Returns the parsed value, or the first problem. */
export function parsePolicies<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
): { readonly value: z.output<Schema> } | { readonly problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { problem: 'is not JSON' };
  }
  const name = findName(text, (each, siblings) => siblings.has(each) || each === '__proto__');
  if (name !== undefined) {
    return { problem: `name ${JSON.stringify(name)} is repeated in one object or reserved` };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { value: parsed.data };
  return { problem: problemOf(parsed.error.issues[0] as z.core.$ZodIssue) };
}

export function invalidFile(file: string, problem: string): InvalidFile {
  return {
    status: 'invalid',
    message: `${file}: ${problem}; nothing is allowed until the file is corrected`,
  };
}

/** Returns the problem of the first repeated name, or undefined. */
export function repeatedName(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  return twice === undefined ? undefined : `policy_id ${JSON.stringify(twice)} is used twice`;
}

function problemOf(issue: z.core.$ZodIssue): string {
  const path = issue.path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text && '.'}${String(key)}`),
    '',
  );
  const where = path === '' ? '' : `${path}: `;
  if (issue.code !== 'unrecognized_keys') return `${where}${issue.message}`;
  return `${where}unknown field ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
}
