/** The composition root of the API: opens the adapters that only the server needs. */
import { realpath } from 'node:fs/promises';
import type { Config, Environment } from '../core/settings/config.ts';
import type { Records } from '../core/storage/records.ts';
import { readRefusals } from '../core/telemetry/refusals.ts';
import { cacheFolder } from './machine/local-folders.ts';
import { presentPolicies } from './deployments/present-root.ts';
import type { PresentRoots } from './deployments/present-root.ts';
import { openRateLimiter } from './redis/rate-limiter.ts';
import { openRedis } from './redis/redis.ts';
import { openRoutingCache } from './redis/routing-cache.ts';
import { openEventLog } from './telemetry/event-log.ts';
import { openTracing } from './telemetry/otel/tracing.ts';
import { openMetrics } from './telemetry/prometheus.ts';
import type { StoredFigures } from './telemetry/prometheus.ts';

export interface ServerWorld {
  readonly config: Config;
  readonly env: Environment;
  readonly roots: PresentRoots;
  readonly ports: { readonly records: Records; readonly now: () => number };
  readonly jobFigures: StoredFigures['jobs'];
  readonly runFigures: StoredFigures['runs'];
  /** Called when the event log cannot be written, or traces cannot be sent. */
  readonly onEventFault: (message: string) => void;
}

/** `root` is the real path of the skills root, which must exist. */
export async function openServerAdapters({ config, env, roots, ports, ...world }: ServerWorld) {
  const root = await realpath(config.root);
  const metrics = openMetrics({
    refusals: () => readRefusals(ports.records),
    jobs: world.jobFigures,
    runs: world.runFigures,
  });
  const redis =
    config.redisUrl === undefined ? undefined : await openRedis(config.redisUrl, config.cachePrefix);
  const events = openEventLog({ root, config, now: ports.now, onFault: world.onEventFault });
  const tracing = await openTracing(config, { note: world.onEventFault });
  return {
    root,
    metrics,
    redis,
    events,
    tracing,
    policies: presentPolicies(roots, root),
    limiter: openRateLimiter({ config, redis, onFallback: () => metrics.rateFellBack() }),
    cache: openRoutingCache({
      config,
      redis: config.cacheEnabled ? redis : undefined,
      onFault: () => metrics.cacheFailed(),
    }),
    cacheDir: cacheFolder(config, env),
    close: async () => {
      redis?.close();
      await Promise.all([events.close(), tracing?.close()]);
    },
  };
}
