/** All findings about the skills of a root, with their lines: what loading shows, and what it has no time for. */
import type { Catalog, Finding } from '../core/catalog.ts';
import { reviewCompositions } from '../core/compose.ts';
import { reviewLinks } from '../core/skill-links.ts';
import { sortFindings } from '../core/validation.ts';
import { locateFields } from './catalog.ts';
import { loadJsonSchemas } from './json-schema.ts';

/** `more` are findings from elsewhere, which get their lines and their place here. */
export async function reviewCatalog(
  root: string,
  catalog: Catalog,
  more: readonly Finding[] = [],
): Promise<readonly Finding[]> {
  const found = [
    ...catalog.findings,
    ...reviewLinks(catalog.skills),
    ...reviewCompositions(catalog.skills),
    ...(await reviewSchemas(catalog)),
    ...more,
  ];
  return sortFindings(found.map((finding) => located(root, finding)));
}

async function reviewSchemas({ skills }: Catalog): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { id: skill, file, manifest } of skills.values()) {
    for (const field of ['inputs', 'outputs'] as const) {
      const schema = manifest[field];
      const message = schema === undefined ? undefined : (await loadJsonSchemas()).problemOf(schema);
      if (message === undefined) continue;
      findings.push({ severity: 'error', rule: 'schema_invalid', file, field, skill, message });
    }
  }
  return findings;
}

function located(root: string, finding: Finding): Finding {
  if (finding.line !== undefined || finding.field === undefined) return finding;
  const lineOf = locateFields(root, finding.file);
  return lineOf === undefined ? finding : { ...finding, line: lineOf(finding.field.split('.')) };
}
