/** Collects all findings about a root: those of loading its skills, and slower checks of schemas, links and other files. */
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Catalog, Finding } from '../../core/skills/catalog.ts';
import { reviewCompositions } from '../../core/skills/compose.ts';
import { reviewLinks } from '../../core/skills/skill-links.ts';
import { sortFindings } from '../../core/skills/validation.ts';
import { SECRETS_FILE } from '../../core/connectors/secrets-file.ts';
import { APPROVAL_FILE } from '../../core/approvals/approval-file.ts';
import { PERMISSION_FILE } from '../../core/rights/permission-file.ts';
import { isSkillosError } from '../../core/errors/errors.ts';
import { KEYRING_FILE } from '../../core/marketplace/keyring.ts';
import { hasIgnoredDefault } from '../../core/skills/input-defaults.ts';
import { TRIGGER_FILE } from '../../core/webhooks/trigger-file.ts';
import { reviewTriggers } from '../../core/webhooks/trigger-review.ts';
import { reviewConnectors } from '../connectors/connector-review.ts';
import { readTextFile } from '../files/text-file.ts';
import { MAX_LOCK_BYTES, keyringOf } from '../marketplace/package-files.ts';
import { locateFields } from './catalog.ts';
import { loadJsonSchemas } from '../preparing/json-schema.ts';
import { openPolicies } from '../preparing/policies.ts';
import { secretsFileProblem } from '../secrets/secrets-file.ts';
import { openTriggers } from '../webhooks/trigger-file.ts';

/** Returns findings sorted, with line numbers. `more` are findings of other checks to include. */
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
    ...reviewConnectors(root, catalog),
    ...findingsOf(TRIGGER_FILE, () => reviewTriggers(openTriggers(root)(), catalog)),
    ...findingsOf(KEYRING_FILE, () => reviewKeyring(root)),
    ...reviewSecrets(root),
    ...more,
  ];
  return sortFindings(found.map((finding) => located(root, finding)));
}

async function reviewSchemas({ skills }: Catalog): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { id: skill, file, manifest } of skills.values()) {
    for (const field of ['inputs', 'outputs'] as const) {
      const schema = manifest[field];
      if (field === 'inputs' && hasIgnoredDefault(schema)) findings.push(ignoredDefault({ file, skill }));
      const message = schema === undefined ? undefined : await (await loadJsonSchemas()).problemOf(schema);
      await setImmediate(); // lets a shared loop serve others between two skills
      if (message === undefined) continue;
      findings.push({ severity: 'error', rule: 'schema_invalid', file, field, skill, message });
    }
  }
  return findings;
}

function ignoredDefault(place: Pick<Finding, 'file' | 'skill'>): Finding {
  const message = 'only a default of a property of the input is applied, and the schema has another';
  return { severity: 'warning', rule: 'default_ignored', field: 'inputs', ...place, message };
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

/** Throws `keyring_invalid`. */
function reviewKeyring(root: string): readonly Finding[] {
  keyringOf(readTextFile(path.join(root, KEYRING_FILE), MAX_LOCK_BYTES));
  return [];
}

/** The findings that `review` returns, or one about the whole file if it cannot be read. */
function findingsOf(file: string, review: () => readonly Finding[]): readonly Finding[] {
  try {
    return review();
  } catch (error) {
    if (!isSkillosError(error)) throw error;
    return [{ severity: 'error', rule: error.code, file, message: error.message }];
  }
}

/** Of the file of secrets alone, which no deployment has. */
export function reviewSecrets(root: string): readonly Finding[] {
  const message = secretsFileProblem(root);
  return message === undefined
    ? []
    : [{ severity: 'error', rule: 'secrets_file_insecure', file: SECRETS_FILE, message }];
}

function located(root: string, finding: Finding): Finding {
  if (finding.line !== undefined || finding.field === undefined) return finding;
  const lineOf = locateFields(root, finding.file);
  return lineOf === undefined ? finding : { ...finding, line: lineOf(finding.field.split('.')) };
}
