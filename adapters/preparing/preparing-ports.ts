/** Opens the ports of `prepare` on a skills root. Workers and dry runs use the same. */
import { resolve } from 'node:path';
import type { Config } from '../../core/settings/config.ts';
import type { SkillCode } from '../../core/runs/skill-host.ts';
import type { Records } from '../../core/storage/records.ts';
import { deployedCode } from '../deployments/deployed-code.ts';
import { following, presentCatalogs, presentPolicies } from '../deployments/present-root.ts';
import type { PresentRoot, PresentRoots } from '../deployments/present-root.ts';
import { openSkillCode } from '../skill-code/bundles.ts';
import { sharedCode } from '../skill-code/shared-bundles.ts';
import type { SharedBundles } from '../skill-code/shared-bundles.ts';
import { bundleFolder } from '../storage/state.ts';
import { loadJsonSchemas } from './json-schema.ts';
import type { Definitions } from './snapshot.ts';

interface Opened {
  readonly roots: PresentRoots;
  readonly records: Records;
  /** Where code is shared that is frozen here; absent if it stays on this host. */
  readonly bundles?: SharedBundles | undefined;
}

export function preparingPorts(config: Config, { roots, records, bundles }: Opened) {
  const { parallelLimit, approvalToken, production, serverKey } = config;
  return {
    catalogs: presentCatalogs(roots),
    policies: presentPolicies(roots, resolve(config.root)),
    definitions: following(roots, (root) => definitionsOf(root, { config, bundles })),
    records,
    loadSchemas: loadJsonSchemas,
    parallelLimit,
    approvalToken,
    trust: { production, serverKey },
    limits: config,
  };
}

function definitionsOf(
  root: PresentRoot,
  { config: { production }, bundles }: { readonly config: Config } & Pick<Opened, 'bundles'>,
): Definitions {
  const { folder, catalogs, policies, deployment } = root;
  return {
    catalogs,
    policies,
    code:
      deployment === undefined
        ? liveCode(openSkillCode({ root: folder, storeDir: bundleFolder(folder), production }), bundles)
        : deployedCode({ folder, deployment }, production),
    ...(deployment && { deployment: deployment.id }),
  };
}

function liveCode(code: SkillCode, bundles: SharedBundles | undefined): SkillCode {
  return bundles === undefined ? code : sharedCode(code, bundles);
}
