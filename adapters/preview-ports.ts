/** What a dry run reads of a root: the same as a worker, opened beside the client. */
import { resolve } from 'node:path';
import type { Config } from '../core/config.ts';
import type { Catalogs, Records } from '../core/ports.ts';
import type { RunRequest } from '../core/run.ts';
import { openSkillCode } from './bundles.ts';
import { loadJsonSchemas } from './json-schema.ts';
import { openPolicies } from './policies.ts';
import { takeSnapshot } from './snapshot.ts';
import { bundleFolder } from './state.ts';

export function openPreviews(
  config: Config,
  { catalogs, records }: { readonly catalogs: Catalogs; readonly records: Records },
) {
  const root = resolve(config.root);
  const policies = openPolicies(root);
  const code = openSkillCode({ root, storeDir: bundleFolder(root) });
  const { parallelLimit, production, approvalToken } = config;
  const ports = {
    catalogs,
    records,
    code,
    policies,
    loadSchemas: loadJsonSchemas,
    parallelLimit,
    trust: { production },
    approvalToken,
  };
  return {
    limits: config,
    takeSnapshot: (request: RunRequest) => takeSnapshot(ports, request),
    policyVersion: () => policies.version(),
  };
}
