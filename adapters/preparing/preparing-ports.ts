/** Opens the ports of `prepare` on a skills root. Workers and dry runs use the same. */
import { resolve } from 'node:path';
import type { Config } from '../../core/settings/config.ts';
import type { Catalogs } from '../../core/skills/catalog.ts';
import type { Records } from '../../core/storage/records.ts';
import { openSkillCode } from '../skill-code/bundles.ts';
import { bundleFolder } from '../storage/state.ts';
import { loadJsonSchemas } from './json-schema.ts';
import { openPolicies } from './policies.ts';

export function preparingPorts(
  config: Config,
  { catalogs, records }: { readonly catalogs: Catalogs; readonly records: Records },
) {
  const root = resolve(config.root);
  const { parallelLimit, approvalToken, production, serverKey } = config;
  return {
    catalogs,
    records,
    code: openSkillCode({ root, storeDir: bundleFolder(root), production }),
    policies: openPolicies(root),
    loadSchemas: loadJsonSchemas,
    parallelLimit,
    approvalToken,
    trust: { production, serverKey },
    limits: config,
  };
}
