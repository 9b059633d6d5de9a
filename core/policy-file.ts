/** What the files below policies/ have in common: one that cannot be understood is never taken for an absent one. */
import * as z from 'zod';
import { refusedName } from './json-names.ts';

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

/** The value that the text holds, or what is wrong with it. */
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
  const name = refusedName(text);
  if (name !== undefined) {
    return { problem: `name ${JSON.stringify(name)} stands twice in one object or is reserved` };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { value: parsed.data };
  return { problem: problemOf(parsed.error.issues[0] as z.core.$ZodIssue) };
}

export function invalidFile(file: string, problem: string): InvalidFile {
  return { status: 'invalid', message: `${file}: ${problem}; until it is mended nothing is allowed` };
}

/** What is wrong with names of which two are the same. */
export function repeatedName(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  return twice === undefined ? undefined : `policy_id ${JSON.stringify(twice)} stands twice`;
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
