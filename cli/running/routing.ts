/** Routes the query of a command; opens the index only if the shared cache does not contain the result. */
import { openEmbedder } from '../../adapters/embeddings/open.ts';
import { openRoutingIndex } from '../../adapters/catalog/routing-index-file.ts';
import { cacheFolder } from '../../adapters/machine/local-folders.ts';
import { answerKeeper } from '../../client/learning/answers.ts';
import { lastQueries } from '../../client/learning/last-query.ts';
import { feedbackReader } from '../../client/learning/read-feedback.ts';
import type { RoutingPorts } from '../../client/submit/submission.ts';
import type { RoutingCache } from '../../core/routing/routing-cache.ts';
import type { Embeddings } from '../../core/routing/similarity.ts';
import type { Catalogs } from '../../core/skills/catalog.ts';
import type { RoutingIndex } from '../../core/routing/routing-index.ts';
import type { Runtime, RuntimeSource } from '../runtime.ts';

export async function openRouting(source: RuntimeSource, { ports, root }: Runtime): Promise<RoutingPorts> {
  const { config, context } = source;
  const { catalogs } = ports;
  const cacheDir = cacheFolder(config, context.env);
  const embeddings = await openCommandEmbeddings(source, { catalogs, root, cacheDir });
  let index: Promise<RoutingIndex> | undefined;
  let version: Promise<string> | undefined;
  return {
    catalogs,
    minConfidence: config.minConfidence,
    embeddings,
    openIndex: () => (index ??= openRoutingIndex({ catalogs, root, cacheDir })),
    cache: await openSharedCache({ config, context }),
    version: () => (version ??= catalogs.fingerprint()),
    feedback: feedbackReader(ports.journal),
    onAnswered: answerKeeper(ports, lastQueries(ports.records, ports.now)),
  };
}

/** Longest wait of a command for the vectors of new skills and for the model to load. */
const EMBEDDING_PATIENCE_MS = 60_000;

/** Resolves to undefined if routing goes by words alone. */
export async function openCommandEmbeddings(
  source: RuntimeSource,
  place: { readonly catalogs: Catalogs; readonly root: string; readonly cacheDir: string },
): Promise<Embeddings | undefined> {
  const embedder = await openEmbedder(source.config, source.context.env);
  if (embedder === undefined) return undefined;
  const { openEmbeddings } = await import('../../adapters/embeddings/embeddings.ts');
  return openEmbeddings({
    ...place,
    embedder,
    patienceMs: EMBEDDING_PATIENCE_MS,
    onBuild: (skills) => source.note(`embedding ${skills} skills`),
    onFallback: (message) => source.note(`${message}; routing by words alone`),
  });
}

/** Returns undefined without Redis, because a cache in the process would end with the command. */
async function openSharedCache({
  config,
  context,
}: Pick<RuntimeSource, 'config' | 'context'>): Promise<RoutingCache | undefined> {
  const { cacheEnabled, redisUrl } = config;
  if (!cacheEnabled || redisUrl === undefined) return undefined;
  const [{ openRedis }, { openRoutingCache }] = await Promise.all([
    import('../../adapters/redis/redis.ts'),
    import('../../adapters/redis/routing-cache.ts'),
  ]);
  const redis = await openRedis(redisUrl, config.cachePrefix);
  context.onEnd(async () => redis.close());
  return openRoutingCache({ config, redis });
}
