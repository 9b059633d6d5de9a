/** Runs in the skill process: checks values by the manifest's schemas; loads the validator only if there is a schema. */
import type { ErrorCode } from '../../core/errors/error-codes.ts';
import type { JsonValue } from '../../core/json.ts';
import type { SchemaIssue } from '../../core/preparing/request-checks.ts';
import { loadJsonSchemas } from '../preparing/json-schema.ts';
import { HostError } from './failure.ts';

/** Throws a `HostError` that names the path in the value, never the value itself. */
export type Check = (value: JsonValue) => void;

const FIELDS = {
  inputs: { what: 'Payload', code: 'input_invalid' },
  outputs: { what: 'Result', code: 'skill_output_invalid' },
} as const satisfies Record<string, { readonly what: string; readonly code: ErrorCode }>;

/** Loads and runs the validator once, because the first schema takes longest. */
export async function warmSchemas(): Promise<void> {
  (await loadJsonSchemas()).checkFully({}, null);
}

export async function compileCheck(
  field: keyof typeof FIELDS,
  schema: JsonValue | undefined,
): Promise<Check> {
  if (schema === undefined) return () => undefined;
  const { checkFully } = await loadJsonSchemas();
  const { what, code } = FIELDS[field];
  return (value) => {
    const [issue] = issuesOf(() => checkFully(schema, value), field);
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
      `Field "${field}" is not a JSON Schema: ${problem.replace(/^Invalid JSON Schema: /, '')}`,
      { field },
    );
  }
}
