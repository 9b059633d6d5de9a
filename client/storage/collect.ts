/** Removes what no run that is kept needs: old runs with what belongs to them, then blobs and bundles that nobody uses. */
import type { AttachmentBytes } from '../../core/attachments/attachment-records.ts';
import { DEPLOYMENTS_KIND } from '../../core/deployments/deployment.ts';
import { contentUsedSince, isOutdated, retainedSince } from '../../core/jobs/retention.ts';
import type { Retention } from '../../core/jobs/retention.ts';
import type { JsonObject } from '../../core/json.ts';
import { BUNDLES_KIND } from '../../core/runs/skill-host.ts';
import { scheduleRecords } from '../../core/schedules/schedule-records.ts';
import type { Blobs, ContentStore, RemovedContent } from '../../core/storage/blobs.ts';
import { pagesOf } from '../../core/storage/record-pages.ts';
import { refsIn } from '../../core/values/carried.ts';
import { isoTime, msOf } from '../../core/values/iso-time.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import { dropOldAttachments } from '../attachments/prune.ts';
import type { ClientPorts } from '../ports.ts';
import { removeExpired } from './expired-records.ts';
import { removeOldRuns } from './old-runs.ts';
import type { OldRuns, RunStore } from './old-runs.ts';

export interface CollectPorts extends RunStore, Pick<ClientPorts, 'journal' | 'now'> {
  readonly attachments: AttachmentBytes;
  readonly blobs: Blobs & ContentStore;
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
  readonly bundles: RemovedContent;
  /** Blobs and bundles that were last used before this time were removed; ISO 8601. */
  readonly unusedSince: string;
}

/** Requires `runs:operate`. Of all tenants. May run while others work, also twice at once. */
export async function collectStorage(ports: CollectPorts, request: CollectRequest): Promise<Collected> {
  const { actor, isDryRun, onProgress } = request;
  await authorize(ports, actor, { operation: 'runs:operate' });
  const now = ports.now();
  const before = retainedSince(now, request);
  const since = isoTime(before);
  const dropped = await dropOldAttachments(
    ports,
    { bytes: ports.attachments },
    {
      before,
      isDryRun,
      isOver: (run) => run === undefined || isOutdated(run, since),
    },
  );
  const runs = await removeOldRuns(ports, { since, now, isDryRun, onProgress });
  const expired = await removeExpired(ports.records, { now, isDryRun });
  const { oldest } = runs;
  const unused = contentUsedSince(before, oldest === undefined ? now : msOf(oldest.createdAt));
  if (!isDryRun) await touchNeeded(ports);
  const collected: Collected = {
    runs,
    expired,
    attachments: { items: dropped.attachments, bytes: dropped.bytes },
    blobs: await ports.blobs.removeUnused(unused, isDryRun),
    bundles: await ports.bundles.removeUnused(unused, isDryRun),
    unusedSince: isoTime(unused),
  };
  if (!isDryRun) await auditCollected(ports, actor, collected);
  return collected;
}

/** Kinds of records that need a blob as long as they exist, and the field with its hash. */
const NEEDING = { [BUNDLES_KIND]: 'code', [DEPLOYMENTS_KIND]: 'id' } as const;

/** What is used without being put again: the requests of schedules, and what deployments consist of. */
async function touchNeeded({ records, blobs }: CollectPorts): Promise<void> {
  const schedules = await scheduleRecords(records).list();
  const refs = schedules.flatMap(({ request }) => refsIn(request.payload));
  if (refs.length > 0) await blobs.touch(refs);
  for (const [kind, field] of Object.entries(NEEDING)) {
    for await (const page of pagesOf<JsonObject>(records, kind)) {
      const hashes = page.map(({ value }) => value[field]).filter((hash) => typeof hash === 'string');
      if (hashes.length > 0) await blobs.touch(hashes);
    }
  }
}

function auditCollected(
  ports: CollectPorts,
  actor: Actor,
  { runs, blobs, bundles }: Collected,
): Promise<void> {
  return recordAudit(ports, actor, {
    action: 'storage_collected',
    after: { runs: runs.removed, blobs: blobs.items, bundles: bundles.items },
  });
}
