/** JSON Schemas of the files that people write below a root, for editors; made from the schemas that parse these files. */
import * as z from 'zod';
import { approvalFileSchema } from '../../core/approvals/approval-file.ts';
import { connectorSchema } from '../../core/connectors/connector-file.ts';
import type { JsonObject } from '../../core/json.ts';
import { permissionFileSchema } from '../../core/rights/permission-file.ts';
import { manifestSchema } from '../../core/skills/manifest.ts';
import { triggerFileSchema } from '../../core/webhooks/trigger-file.ts';
import type { NewFile } from '../files/create-files.ts';

/** `policies` fits both files of policies. */
export const SCHEMA_NAMES = ['manifest', 'policies', 'triggers', 'connectors'] as const;
export type SchemaName = (typeof SCHEMA_NAMES)[number];

const PARSERS: Readonly<Record<SchemaName, z.ZodType>> = {
  manifest: manifestSchema,
  policies: z.union([permissionFileSchema, approvalFileSchema]),
  triggers: triggerFileSchema,
  connectors: connectorSchema,
};

/** Draft 7, which all editors know. It accepts what the parser accepts, and more where only code can tell. */
export function fileSchema(name: SchemaName): JsonObject {
  const made = z.toJSONSchema(PARSERS[name], {
    io: 'input',
    target: 'draft-7',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'pipe') allowShortForm(jsonSchema);
    },
  });
  return made as JsonObject;
}

/** Parsers take the item of a list of one, a value for `{"in": value}`, and a list of policies for the object that holds it. */
function allowShortForm(schema: z.core.JSONSchema.BaseSchema): void {
  const { items, properties } = schema;
  const short = items ?? properties?.['in'] ?? properties?.['policies'];
  if (short === undefined) return;
  const long = { ...schema };
  for (const key of Object.keys(schema)) delete schema[key];
  Object.assign(schema, { anyOf: [long, short] });
}

/** The schema files of a new root, by their paths below it. */
export function schemaFiles(): readonly NewFile[] {
  return SCHEMA_NAMES.map((name) => ({ path: `schemas/${name}.json`, content: schemaText(name) }));
}

export function schemaText(name: SchemaName): string {
  return `${JSON.stringify(fileSchema(name), null, 2)}\n`;
}
