/** The findings of `validate` about connectors: their files, their secrets, and the skills that name them. */
import { checkSecret } from '../../core/connectors/secret-check.ts';
import type { SecretSources } from '../../core/connectors/secret-check.ts';
import type { Catalog, Finding } from '../../core/skills/catalog.ts';
import { secretUses } from '../secrets/secret-uses.ts';
import { openConnectorFiles } from './connector-files.ts';

export function reviewConnectors(root: string, { skills }: Catalog): readonly Finding[] {
  const { files, findings } = openConnectorFiles(root)();
  const unknown = [...skills.values()].flatMap(({ id: skill, file, manifest }) =>
    manifest.connectors
      .filter((connector) => !files.has(connector))
      .map((connector) => ({
        severity: 'warning' as const,
        rule: 'connector_unknown',
        file,
        field: 'connectors',
        skill,
        message: `there is no connector "${connector}"`,
      })),
  );
  return [...findings, ...unknown];
}

/** Warnings, because the secrets may be set where the workers run. */
export async function reviewConnectorSecrets(
  root: string,
  catalog: Catalog,
  sources: SecretSources,
): Promise<readonly Finding[]> {
  const { files } = openConnectorFiles(root)();
  return (await secretUses(root, catalog))
    .filter(({ kind }) => kind === 'connector')
    .map((use) => checkSecret(use, sources))
    .filter(({ found }) => found === undefined)
    .map(({ owner, key, names }) => ({
      severity: 'warning',
      rule: 'secret_missing',
      file: files.get(owner) as string, // every connector comes from a file
      message: `the secret "${key}" is not set here: expected ${names.join(' or ')}`,
    }));
}
