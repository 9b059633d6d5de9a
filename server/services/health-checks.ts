/** Health checks of Temporal, storage and Redis. */
import { statfs } from 'node:fs/promises';
import type { Redis } from '../../adapters/redis/redis.ts';
import { asClientError } from '../../client/temporal/connection.ts';
import type { Config } from '../../core/settings/config.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import type { Records } from '../../core/storage/records.ts';
import type { CheckResult, HealthCheck } from './health.ts';
import type { TemporalLink } from './temporal-link.ts';

interface Parts {
  readonly config: Config;
  readonly root: string;
  readonly records: Records;
  readonly temporal: TemporalLink;
  /** True if a Temporal server is configured; otherwise the first run starts the local engine. */
  readonly isRemote: boolean;
  readonly redis: Redis | undefined;
}

const LOW_DISK_BYTES = 100 * 1024 * 1024;

export function healthChecks(parts: Parts): Readonly<Record<string, HealthCheck>> {
  const { redis } = parts;
  return {
    temporal: () => checkTemporal(parts),
    storage: () => checkStorage(parts),
    ...(redis === undefined ? {} : { redis: () => checkRedis(parts.config, redis) }),
  };
}

async function checkTemporal({ temporal, isRemote }: Parts): Promise<CheckResult> {
  if (!isRemote && temporal.current() === undefined) {
    return { status: 'healthy', details: 'the local engine starts when a run needs it' };
  }
  await temporal.use(async ({ client }) => {
    try {
      await client.workflowService.getSystemInfo({});
    } catch (error) {
      throw asClientError(error);
    }
  });
  return { status: 'healthy', details: 'answers' };
}

async function checkStorage({ config, root, records }: Parts): Promise<CheckResult> {
  await runRecords(records).list({ limit: 1 });
  if (config.storageBackend === 'postgres') return { status: 'healthy', details: 'postgres answers' };
  const { bavail, bsize } = await statfs(root);
  if (bavail * bsize < LOW_DISK_BYTES)
    return { status: 'degraded', details: 'less than 100 MiB of disk space left' };
  return { status: 'healthy', details: 'files are readable' };
}

/** Without Redis only strict rate limits stop requests, so otherwise it is merely degraded. */
async function checkRedis({ rateLimitStrict }: Config, redis: Redis): Promise<CheckResult> {
  try {
    await redis.probe();
    return { status: 'healthy', details: 'answers' };
  } catch {
    return { status: rateLimitStrict ? 'unhealthy' : 'degraded', details: 'unreachable' };
  }
}
