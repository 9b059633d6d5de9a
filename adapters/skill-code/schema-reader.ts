/** Reads the schemas that the code of skills exports; starts skill processes at the first code that exports one. */
import { resolve } from 'node:path';
import type { SkillEntry } from '../../core/skills/catalog.ts';
import { SCHEMA_FIELDS } from '../../core/skills/exported-schemas.ts';
import type { ExportedSchemas } from '../../core/skills/exported-schemas.ts';
import { compileSkill } from './bundles.ts';
import { openCodeChecker } from './check-entrypoints.ts';
import type { CodeChecker } from './check-entrypoints.ts';

export interface SchemaReader {
  /** Rejects as `SkillCode.freeze` and `SkillPool.describe` do. */
  describe(this: void, entry: SkillEntry): Promise<ExportedSchemas>;
  close(): Promise<void>;
}

export function openSchemaReader(given: Parameters<typeof openCodeChecker>[0]): SchemaReader {
  const root = resolve(given.config.root);
  let checker: CodeChecker | undefined;
  return {
    async describe(entry) {
      const exports = await compileSkill(root, entry);
      if (!SCHEMA_FIELDS.some((field) => exports.includes(field))) return {};
      checker ??= openCodeChecker(given);
      return checker.host.describe(await checker.code.freeze(entry), entry.id);
    },
    close: async () => checker?.host.close(),
  };
}
