/** Runs in the skill process: describes the schemas that a module exports as JSON Schema. */
import type { JsonValue } from '../../core/json.ts';
import { SCHEMA_FIELDS } from '../../core/skills/exported-schemas.ts';
import type { ExportedSchemas } from '../../core/skills/exported-schemas.ts';
import { HostError } from './failure.ts';

/** The part of Standard JSON Schema (standardschema.dev) that zod 4.2 and other libraries implement. */
interface StandardSchema {
  readonly '~standard'?: {
    readonly jsonSchema?: Partial<Record<'input' | 'output', (options: { target: string }) => object>>;
  };
}

/** Leaves out exports that are no schemas. Throws `code_invalid` for a schema that JSON Schema cannot describe. */
export function exportedSchemas(module: Readonly<Record<string, unknown>>): ExportedSchemas {
  const found = SCHEMA_FIELDS.map((field) => [field, describe(field, module[field])] as const);
  return Object.fromEntries(found.filter(([, schema]) => schema !== undefined));
}

function describe(field: keyof ExportedSchemas, exported: unknown): JsonValue | undefined {
  const standard = (exported as StandardSchema | null | undefined)?.['~standard'];
  if (standard === undefined) return undefined;
  const convert = standard.jsonSchema?.[field === 'inputs' ? 'input' : 'output'];
  if (convert === undefined) throw undescribed(field, 'expected zod 4.2 or newer');
  try {
    const { $schema: _dialect, ...schema } = convert({ target: 'draft-2020-12' }) as Record<
      string,
      JsonValue
    >;
    return schema;
  } catch (error) {
    throw undescribed(field, error instanceof Error ? error.message : String(error));
  }
}

function undescribed(field: string, why: string): HostError {
  return new HostError('code_invalid', `The export "${field}" cannot be described as JSON Schema: ${why}`);
}
