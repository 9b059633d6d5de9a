/** Removes what no run that is kept needs: old runs with what belongs to them, then blobs and bundles that nobody uses. */
import type { AttachmentBytes } from '../../core/attachments/attachment-records.ts';
import { DEPLOYMENTS_KIND } from '../../core/deployments/deployment.ts';
import type { Deployment } from '../../core/deployments/deployment.ts';
import {
  contentUsedSince,
  isOutdated,
  retainedSince,
  sessionsRetainedSince,
} from '../../core/jobs/retention.ts';
import type { Retention } from '../../core/jobs/retention.ts';
import type { JsonObject } from '../../core/json.ts';
import { scheduleRecords } from '../../core/schedules/schedule-records.ts';
import type { Blobs, ContentStore, RemovedContent } from '../../core/storage/blobs.ts';
import { pagesOf } from '../../core/storage/record-pages.ts';
import type { Records } from '../../core/storage/records.ts';
import { refsIn } from '../../core/values/carried.ts';
import { isoTime, msOf } from '../../core/values/iso-time.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import { dropOldAttachments } from '../attachments/prune.ts';
import type { ClientPorts } from '../ports.ts';
import { removeExpired } from './expired-records.ts';
import { removeOldRuns } from './old-runs.ts';
import type { OldRuns, RunStore } from './old-runs.ts';
import { removeOldBundles } from './shared-bundles.ts';
import type { BundleStore } from './shared-bundles.ts';

export interface CollectPorts extends RunStore, BundleStore, Pick<ClientPorts, 'journal' | 'now'> {
  readonly attachments: AttachmentBytes;
  readonly blobs: Blobs & ContentStore;
  /** Those in the folder of this host. */
  readonly bundles: ContentStore;
}

export interface CollectRequest extends Retention {
  readonly actor: Actor;
  readonly isDryRun: boolean;
  /** Called now and then with the number of runs that were looked at. */
  readonly onProgress: (runs: number) => void;
}

export interface Collected {
  readonly runs: OldRuns;
  /** Records that have expired by themselves, such as idempotency keys. */
  readonly expired: number;
  readonly attachments: RemovedContent;
  readonly blobs: RemovedContent;
  /** In the folder of this host. */
  readonly bundles: RemovedContent;
  /** Bundles in the storage; their code is among the blobs. */
  readonly sharedBundles: number;
  /** Ids of deployments whose content is lost or damaged, for which all shared bundles are kept; empty if none could be removed. */
  readonly unreadableDeployments: readonly string[];
  /** Blobs and bundles that were last used before this time were removed; ISO 8601. */
  readonly unusedSince: string;
}

/** Requires `runs:operate`. Of all tenants. May run while others work, also twice at once. Removes no runs that it cannot audit. */
export async function collectStorage(ports: CollectPorts, request: CollectRequest): Promise<Collected> {
  const { actor, isDryRun, onProgress } = request;
  await authorize(ports, actor, { operation: 'runs:operate' });
  const now = ports.now();
  const before = retainedSince(now, request);
  const since = isoTime(before);
  const audit = openAudit(ports, actor, since);
  if (!isDryRun) await audit.begin([actor.rights.tenant]);
  const dropped = await dropOldAttachments(
    ports,
    { bytes: ports.attachments },
    {
      before,
      isDryRun,
      isOver: (run) => run === undefined || isOutdated(run, since),
      beforeRemoval: (run) => audit.begin([run.tenant]),
    },
  );
  const limits = { since, now, isDryRun, beforeRemoval: audit.begin, onProgress };
  const runs = await removeOldRuns(ports, limits);
  const expired = await removeExpired(ports.records, {
    now,
    since: isoTime(sessionsRetainedSince(now, request)),
    isDryRun,
  });
  const { oldest } = runs;
  const unused = contentUsedSince(before, oldest === undefined ? now : msOf(oldest.createdAt));
  const unusedSince = isoTime(unused);
  const deployments = await deploymentIds(ports.records);
  const shared = await removeOldBundles(ports, {
    before: unusedSince,
    now: isoTime(now),
    deployments,
    isDryRun,
  });
  // Used without being put again.
  const needed = new Set([...deployments, ...shared.code, ...(await payloadsOfSchedules(ports.records))]);
  const collected: Collected = {
    runs,
    expired,
    attachments: { items: dropped.attachments, bytes: dropped.bytes },
    blobs: await ports.blobs.removeUnused(unused, isDryRun, needed),
    bundles: await ports.bundles.removeUnused(unused, isDryRun),
    sharedBundles: shared.removed,
    unreadableDeployments: shared.unreadable,
    unusedSince,
  };
  if (!isDryRun) await audit.end(collected);
  return collected;
}

/** Each deployment can be activated again as long as it is listed. */
async function deploymentIds(records: Records): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for await (const page of pagesOf<Deployment & JsonObject>(records, DEPLOYMENTS_KIND))
    for (const { value } of page) ids.add(value.id);
  return ids;
}

async function payloadsOfSchedules(records: Records): Promise<readonly string[]> {
  return (await scheduleRecords(records).list()).flatMap(({ request }) => refsIn(request.payload));
}

/**
 * The entries of one collection, in the log of each tenant that loses something: the begin, so that none loses anything without
 * an entry, also if this process is killed before the numbers are known, and the end. What belongs to no tenant is in the log of
 * that of the actor.
 */
function openAudit(ports: CollectPorts, actor: Actor, since: string) {
  const begun = new Set<string>();
  return {
    /** Before one of the tenants loses something. */
    begin: async (tenants: Iterable<string>): Promise<void> => {
      for (const tenant of tenants) {
        if (begun.has(tenant)) continue;
        const act = { action: 'storage_collection_started', after: { runs_ended_before: since } } as const;
        await recordAudit(ports, ofTenant(actor, tenant), act);
        begun.add(tenant);
      }
    },
    end: async ({ runs, blobs, bundles, sharedBundles }: Collected): Promise<void> => {
      const shared = { blobs: blobs.items, bundles: bundles.items, shared_bundles: sharedBundles };
      for (const tenant of begun) {
        await recordAudit(ports, ofTenant(actor, tenant), {
          action: 'storage_collected',
          after: { runs: runs.byTenant.get(tenant) ?? 0, ...(tenant === actor.rights.tenant && shared) },
        });
      }
    },
  };
}

function ofTenant(actor: Actor, tenant: string): Actor {
  return { ...actor, rights: { ...actor.rights, tenant } };
}
