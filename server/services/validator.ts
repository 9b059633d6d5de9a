/** `POST /validate`: the findings about the root, or about what was deployed. */
import { reviewCatalog } from '../../adapters/catalog/catalog-review.ts';
import { reviewConnectorSecrets } from '../../adapters/connectors/connector-review.ts';
import { deployedCode } from '../../adapters/deployments/deployed-code.ts';
import type { PresentRoot, PresentRoots } from '../../adapters/deployments/present-root.ts';
import { openSecretSources } from '../../adapters/secrets/secrets.ts';
import { checkEntrypoints, compileEntrypoints } from '../../adapters/skill-code/check-entrypoints.ts';
import type { SharedBundles } from '../../adapters/skill-code/shared-bundles.ts';
import type { Config, Environment } from '../../core/settings/config.ts';
import type { Catalog, Finding } from '../../core/skills/catalog.ts';
import { validationDocument } from '../../core/skills/validation-document.ts';
import type { ValidationDocument } from '../../core/skills/validation-document.ts';

interface Validating {
  readonly config: Config;
  readonly env: Environment;
  /** The skills root, absolute; secrets are there. */
  readonly root: string;
  readonly roots: PresentRoots;
  readonly bundles: SharedBundles;
}

export type Validate = (options: { readonly withCode: boolean }) => Promise<ValidationDocument>;

export function openValidator(validating: Validating): Validate {
  const { config, env, root, roots } = validating;
  return async ({ withCode }) => {
    const present = await roots.current();
    const { folder } = present;
    const catalog = await present.catalogs.load();
    const code = await reviewCode(validating, { present, catalog, withCode });
    const sources = openSecretSources({ root, env, production: config.production });
    const missing = await reviewConnectorSecrets(folder, catalog, sources);
    return validationDocument(catalog, await reviewCatalog(folder, catalog, [...code, ...missing]));
  };
}

interface Review {
  readonly present: PresentRoot;
  readonly catalog: Catalog;
  readonly withCode: boolean;
}

/** Deployed code is compiled, so there is nothing to find without loading it. */
async function reviewCode(
  { config, env, bundles }: Validating,
  { present: { folder, deployment }, catalog, withCode }: Review,
): Promise<readonly Finding[]> {
  const note = () => undefined; // an HTTP client sees no progress
  if (!withCode) return deployment === undefined ? compileEntrypoints(folder, catalog) : [];
  if (deployment === undefined) return checkEntrypoints(catalog, { config, env, note });
  const code = deployedCode({ folder, deployment }, config.production);
  return checkEntrypoints(catalog, { config, env, note, code, fetchBundle: bundles.fetch });
}
