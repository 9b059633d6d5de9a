/** Everything that `prepare` may look at, read at once; only what the plan names is read. */
import type { SkillEntry } from '../core/catalog.ts';
import { SkillosError } from '../core/errors.ts';
import { findUsed } from '../core/find-skill.ts';
import type { Catalogs, LoadSchemas, Policies, Records, SkillCode } from '../core/ports.ts';
import type { Snapshot } from '../core/prepare.ts';
import { runKey } from '../core/run-id.ts';
import type { RunRecord, RunRequest } from '../core/run.ts';
import type { SkillId } from '../core/skill-id.ts';

export interface SnapshotPorts {
  readonly catalogs: Catalogs;
  readonly code: SkillCode;
  readonly records: Records;
  readonly loadSchemas: LoadSchemas;
  readonly policies: Policies;
  readonly parallelLimit: number;
  readonly trust: { readonly production: boolean };
  readonly approvalToken?: string | undefined;
}

export async function takeSnapshot(
  ports: SnapshotPorts,
  request: Pick<RunRequest, 'plan' | 'origin' | 'tenant'>,
): Promise<Snapshot> {
  const { policies } = ports;
  const entries = await findUsed(ports.catalogs, request.plan);
  const [hashes, { checkValue }, permissionFile, approvalFile] = await Promise.all([
    freezeAll(ports, entries, request),
    ports.loadSchemas(),
    policies.permissions(),
    policies.approvals(),
  ]);
  return {
    entries: new Map(entries.map((entry) => [entry.id, entry])),
    hashes,
    checkValue,
    parallelLimit: ports.parallelLimit,
    permissionFile,
    approvalFile,
    production: ports.trust.production,
    hasApprovalToken: ports.approvalToken !== undefined,
  };
}

/** A run that repeats another takes the code that this one ran, unless it is to take the latest. */
async function freezeAll(
  ports: SnapshotPorts,
  entries: readonly SkillEntry[],
  { origin, tenant }: Pick<RunRequest, 'origin' | 'tenant'>,
): Promise<ReadonlyMap<SkillId, string>> {
  const isPinned = origin !== undefined && origin.latest !== true;
  const pinned = isPinned ? await hashesOf(ports.records, origin.runId, tenant) : undefined;
  const coded = entries.filter(({ composition }) => composition === undefined);
  const hashes = await Promise.all(
    coded.map(async (entry) => pinned?.get(entry.id) ?? (await ports.code.freeze(entry))),
  );
  return new Map(coded.map(({ id }, index) => [id, hashes[index] as string]));
}

async function hashesOf(
  records: Records,
  runId: string,
  tenant: string,
): Promise<ReadonlyMap<SkillId, string>> {
  const record = (await records.get('runs', runKey(runId))) as RunRecord | undefined;
  if (record === undefined || record.tenant !== tenant) {
    throw new SkillosError('unknown_run', `Unknown run ${JSON.stringify(runId)}`);
  }
  return new Map(record.steps.map(({ skill, hash }) => [skill, hash]));
}
