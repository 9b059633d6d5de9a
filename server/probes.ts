/** The parts that the server needs, each with its name. */
import { statfs } from 'node:fs/promises';
import type { Redis } from '../adapters/redis.ts';
import { asClientError } from '../client/connection.ts';
import type { Config } from '../core/config.ts';
import type { Records } from '../core/ports.ts';
import type { Finding, Probe } from './health.ts';
import type { TemporalLink } from './temporal-link.ts';

interface Parts {
  readonly config: Config;
  readonly root: string;
  readonly records: Records;
  readonly temporal: TemporalLink;
  /** Whether a server is configured; else the local engine is started when a run needs it. */
  readonly isRemote: boolean;
  readonly redis: Redis | undefined;
}

const LOW_DISK_BYTES = 100 * 1024 * 1024;

export function probesOf(parts: Parts): Readonly<Record<string, Probe>> {
  const { redis } = parts;
  return {
    temporal: () => probeTemporal(parts),
    storage: () => probeStorage(parts),
    ...(redis === undefined ? {} : { redis: () => probeRedis(parts.config, redis) }),
  };
}

async function probeTemporal({ temporal, isRemote }: Parts): Promise<Finding> {
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

async function probeStorage({ config, root, records }: Parts): Promise<Finding> {
  await records.list('runs', { limit: 1 });
  if (config.storageBackend === 'postgres') return { status: 'healthy', details: 'postgres answers' };
  const { bavail, bsize } = await statfs(root);
  if (bavail * bsize < LOW_DISK_BYTES)
    return { status: 'degraded', details: 'less than 100 MiB of disk left' };
  return { status: 'healthy', details: 'files are readable' };
}

/** Without Redis only what must be counted strictly stops. */
async function probeRedis({ rateLimitStrict }: Config, redis: Redis): Promise<Finding> {
  try {
    await redis.probe();
    return { status: 'healthy', details: 'answers' };
  } catch {
    return { status: rateLimitStrict ? 'unhealthy' : 'degraded', details: 'unreachable' };
  }
}
