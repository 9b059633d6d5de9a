/** Everything that `prepare` may look at, read at once; only what the plan names is read. */
import { stepsOf } from '../core/plan.ts';
import type { AskedStep, Plan } from '../core/plan.ts';
import type { Catalogs, LoadSchemas, Policies, SkillCode } from '../core/ports.ts';
import type { Snapshot } from '../core/prepare.ts';

export interface SnapshotPorts {
  readonly catalogs: Catalogs;
  readonly code: SkillCode;
  readonly loadSchemas: LoadSchemas;
  readonly policies: Policies;
  readonly parallelLimit: number;
  readonly production: boolean;
}

export async function takeSnapshot(ports: SnapshotPorts, plan: Plan<AskedStep>): Promise<Snapshot> {
  const ids = [...new Set(stepsOf(plan).map((step) => step.skill))];
  const found = await Promise.all(ids.map((id) => ports.catalogs.find(id)));
  const entries = found.filter((entry) => entry !== undefined);
  const hashes = await Promise.all(entries.map((entry) => ports.code.freeze(entry)));
  return {
    entries: new Map(entries.map((entry) => [entry.id, entry])),
    hashes: new Map(entries.map((entry, index) => [entry.id, hashes[index] as string])),
    checkValue: (await ports.loadSchemas()).checkValue,
    parallelLimit: ports.parallelLimit,
    permissionFile: await ports.policies.permissions(),
    production: ports.production,
  };
}
