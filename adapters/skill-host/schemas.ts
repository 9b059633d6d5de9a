/** In the skill process: the manifest's schemas; the validator is loaded only where there is one. */
import type { ErrorCode } from '../../core/error-codes.ts';
import type { JsonValue } from '../../core/json.ts';
import type { SchemaIssue } from '../../core/refuse.ts';
import { loadJsonSchemas } from '../json-schema.ts';
import { HostError } from './failure.ts';

/** Throws a `HostError` that names the place in the value, never the value. */
export type Check = (value: JsonValue) => void;

const FIELDS = {
  inputs: { what: 'Payload', code: 'input_invalid' },
  outputs: { what: 'Result', code: 'skill_output_invalid' },
} as const satisfies Record<string, { readonly what: string; readonly code: ErrorCode }>;

/** The first schema costs more than those after it. */
export async function warmSchemas(): Promise<void> {
  (await loadJsonSchemas()).checkValue({}, null);
}

export async function compileCheck(
  field: keyof typeof FIELDS,
  schema: JsonValue | undefined,
): Promise<Check> {
  if (schema === undefined) return () => undefined;
  const { checkValue } = await loadJsonSchemas();
  const { what, code } = FIELDS[field];
  return (value) => {
    const [issue] = issuesOf(() => checkValue(schema, value), field);
    if (!issue) return;
    const place = JSON.stringify(issue.path || '/');
    throw new HostError(code, `${what} does not fit ${field} at ${place}: ${issue.message}`, {
      path: issue.path,
    });
  };
}

function issuesOf(check: () => readonly SchemaIssue[], field: string): readonly SchemaIssue[] {
  try {
    return check();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new HostError(
      'manifest_invalid',
      `Field "${field}" is no JSON Schema: ${problem.replace(/^Invalid JSON Schema: /, '')}`,
      { field },
    );
  }
}
