/** In the skill process: the manifest's schemas; the validator is loaded only where there is one. */
import type { ErrorCode } from '../../core/error-codes.ts';
import type { JsonValue } from '../../core/json.ts';
import { loadJsonSchemas } from '../json-schema.ts';
import { HostError } from './failure.ts';

/** Throws a `HostError` that names the place in the value, never the value. */
export type Check = (value: JsonValue) => void;

const FIELDS = {
  inputs: { what: 'Payload', code: 'input_invalid' },
  outputs: { what: 'Result', code: 'skill_output_invalid' },
} as const satisfies Record<string, { readonly what: string; readonly code: ErrorCode }>;

/** The first schema costs the compilation of the schema of schemas. */
export async function warmSchemas(): Promise<void> {
  (await loadJsonSchemas()).problemOf({});
}

export async function compileCheck(
  field: keyof typeof FIELDS,
  schema: JsonValue | undefined,
): Promise<Check> {
  if (schema === undefined) return () => undefined;
  const schemas = await loadJsonSchemas();
  const problem = schemas.problemOf(schema);
  if (problem !== undefined) {
    throw new HostError('manifest_invalid', `Field "${field}" is no JSON Schema: ${problem}`, { field });
  }
  const { what, code } = FIELDS[field];
  return (value) => {
    const [issue] = schemas.checkValue(schema, value);
    if (!issue) return;
    const place = JSON.stringify(issue.path || '/');
    throw new HostError(code, `${what} does not fit ${field} at ${place}: ${issue.message}`, {
      path: issue.path,
    });
  };
}
