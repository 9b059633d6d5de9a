/** Schemas that the code of a skill exports, and what its manifest says instead. */
import type { JsonValue } from '../json.ts';
import { canonicalJson } from '../values/digest.ts';
import type { SkillManifest } from './manifest.ts';

/** JSON Schemas of the exports `inputs` and `outputs`; absent if the code does not export one. */
export interface ExportedSchemas {
  readonly inputs?: JsonValue;
  readonly outputs?: JsonValue;
}

export const SCHEMA_FIELDS = ['inputs', 'outputs'] as const;

/** Returns the fields in which the manifest differs from the code, with the schema of the code. */
export function schemaChanges(
  manifest: Pick<SkillManifest, 'inputs' | 'outputs'>,
  exported: ExportedSchemas,
): ExportedSchemas {
  const differing = SCHEMA_FIELDS.filter((field) => {
    const wanted = exported[field];
    return wanted !== undefined && canonicalJson(wanted) !== canonicalJson(manifest[field] ?? null);
  });
  return Object.fromEntries(differing.map((field) => [field, exported[field]]));
}
