/** All findings about the skills and policies of a root, with their lines: what loading shows, and what it has no time for. */
import type { Catalog, Finding } from '../core/catalog.ts';
import { reviewCompositions } from '../core/compose.ts';
import { reviewLinks } from '../core/skill-links.ts';
import { sortFindings } from '../core/validation.ts';
import { APPROVAL_FILE } from '../core/approval-file.ts';
import { PERMISSION_FILE } from '../core/permission-file.ts';
import { locateFields } from './catalog.ts';
import { loadJsonSchemas } from './json-schema.ts';
import { openPolicies } from './policies.ts';

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
    ...(await reviewPolicies(root)),
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

async function reviewPolicies(root: string): Promise<readonly Finding[]> {
  const policies = openPolicies(root);
  const files = [
    { file: PERMISSION_FILE, read: await policies.permissions() },
    { file: APPROVAL_FILE, read: await policies.approvals() },
  ];
  return files.flatMap(({ file, read }) =>
    read.status === 'invalid'
      ? [{ severity: 'error' as const, rule: 'policy_invalid', file, message: read.message }]
      : [],
  );
}

function located(root: string, finding: Finding): Finding {
  if (finding.line !== undefined || finding.field === undefined) return finding;
  const lineOf = locateFields(root, finding.file);
  return lineOf === undefined ? finding : { ...finding, line: lineOf(finding.field.split('.')) };
}
