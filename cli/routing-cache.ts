/** The routing cache of a command, where processes share one: within a command nothing is asked twice. */
import type { Config } from '../core/config.ts';
import type { RoutingCache } from '../core/routing-cache.ts';
import type { CliContext } from './context.ts';

export async function openSharedCache(
  config: Config,
  context: CliContext,
): Promise<RoutingCache | undefined> {
  const { cacheEnabled, redisUrl } = config;
  if (!cacheEnabled || redisUrl === undefined) return undefined;
  const [{ openRedis }, { openRoutingCache }] = await Promise.all([
    import('../adapters/redis.ts'),
    import('../adapters/routing-cache.ts'),
  ]);
  const redis = await openRedis(redisUrl, config.cachePrefix);
  context.onEnd(async () => redis.close());
  return openRoutingCache({ config, redis });
}
