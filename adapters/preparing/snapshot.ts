/** Reads the input of `prepare` in one step: the skills of the plan, policies and earlier code. */
import type { SkillEntry } from '../../core/skills/catalog.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { variantFor } from '../../core/learning/assignment.ts';
import { EXPERIMENTS, experimentKey } from '../../core/learning/experiment.ts';
import type { Experiment } from '../../core/learning/experiment.ts';
import { withVariant } from '../../core/skills/variants.ts';
import { findForPlan } from '../../core/skills/find-skill.ts';
import type { SkillCode } from '../../core/runs/skill-host.ts';
import type { LoadSchemas } from '../../core/preparing/request-checks.ts';
import type { Policies } from '../../core/preparing/policies.ts';
import type { Catalogs } from '../../core/skills/catalog.ts';
import type { Records } from '../../core/storage/records.ts';
import type { Snapshot } from '../../core/preparing/prepare.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import type { RunRecord, RunRequest } from '../../core/runs/run.ts';
import { catalogsWith, readPrepared } from '../../core/runs/prepared-skills.ts';
import type { StoredValues } from '../../core/runs/prepared-skills.ts';
import type { Trust } from '../../core/rights/trust.ts';
import type { SkillId } from '../../core/values/skill-id.ts';

/** What one state of the skills root defines. */
export interface Definitions {
  readonly catalogs: Catalogs;
  readonly code: SkillCode;
  readonly policies: Policies;
  /** Id of the deployment; absent for a folder that people edit. */
  readonly deployment?: string;
}

export interface SnapshotPorts {
  /** Resolves to those of the present state, for a decision from one state. */
  readonly definitions: () => Promise<Definitions>;
  readonly records: Records;
  readonly loadSchemas: LoadSchemas;
  readonly parallelLimit: number;
  readonly trust: Trust;
  readonly approvalToken?: string | undefined;
  readonly values: StoredValues;
}

export async function takeSnapshot(
  ports: SnapshotPorts,
  request: Pick<RunRequest, 'plan' | 'origin' | 'tenant' | 'principal'>,
): Promise<Snapshot & Pick<Definitions, 'deployment'>> {
  const [definitions, origin] = await Promise.all([ports.definitions(), originOf(ports, request)]);
  const { code, policies, deployment } = definitions;
  const catalogs = catalogsWith(definitions.catalogs, origin, ports.values);
  const found = await findForPlan(catalogs, request.plan);
  const entries = await Promise.all(found.map((entry) => withOwnVariant(ports, entry, { request, origin })));
  const [hashes, { checkValue }, permissionFile, approvalFile] = await Promise.all([
    freezeAll({ code, values: ports.values }, entries, origin),
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
    signals: !ports.trust.production && ports.trust.serverKey === undefined,
    hasApprovalToken: ports.approvalToken !== undefined,
    ...(deployment !== undefined && { deployment }),
  };
}

/** The variant of the run that is repeated; otherwise the one of the caller, or of all if an experiment was decided. */
async function withOwnVariant(
  { records }: SnapshotPorts,
  entry: SkillEntry,
  of: {
    readonly request: Pick<RunRequest, 'tenant' | 'principal'>;
    readonly origin: RunRecord | undefined;
  },
): Promise<SkillEntry> {
  if (entry.manifest.variants === undefined) return entry;
  const { request, origin } = of;
  const earlier = origin?.steps.find(({ skill }) => skill === entry.id);
  const variant =
    earlier === undefined
      ? variantFor(
          entry,
          request,
          await records.get<Experiment>(EXPERIMENTS, experimentKey(request.tenant, entry.id)),
        )
      : earlier.variant;
  return variant === undefined ? entry : withVariant(entry, variant);
}

/** A repeating run uses the code hashes of its origin; a package must still be allowed to run. */
async function freezeAll(
  ports: Pick<Definitions, 'code'> & Pick<SnapshotPorts, 'values'>,
  entries: readonly SkillEntry[],
  origin: RunRecord | undefined,
): Promise<ReadonlyMap<SkillId, string>> {
  const pinned = origin && (await readPrepared(origin, ports.values)).hashes;
  const coded = entries.filter(({ composition }) => composition === undefined);
  const hashes = await Promise.all(
    coded.map(async (entry) => {
      const earlier = pinned?.get(entry.id);
      if (earlier !== undefined && entry.manifest.package === undefined) return earlier;
      const present = await ports.code.freeze(entry); // refuses a package that was revoked, changed or removed since
      return earlier ?? present;
    }),
  );
  return new Map(coded.map(({ id }, index) => [id, hashes[index] as string]));
}

/** Resolves to undefined if the request repeats no run, or repeats one with the latest code. */
async function originOf(
  { records }: SnapshotPorts,
  { origin, tenant }: Pick<RunRequest, 'origin' | 'tenant'>,
): Promise<RunRecord | undefined> {
  if (origin === undefined || origin.latest === true) return undefined;
  const record = await runRecords(records).get(origin.runId);
  if (record !== undefined && record.tenant === tenant) return record;
  throw new SkillosError('unknown_run', `Unknown run ${JSON.stringify(origin.runId)}`);
}
