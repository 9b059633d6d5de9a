/** What endpoints work with: opened once for the server. */
import { realpath } from 'node:fs/promises';
import { checkEntrypoints } from '../adapters/check-entrypoints.ts';
import { reviewCatalog } from '../adapters/catalog-review.ts';
import { openEventLog } from '../adapters/event-log.ts';
import { cacheFolder } from '../adapters/local-folders.ts';
import { manifestEditor } from '../adapters/manifest-edit.ts';
import { openPolicies } from '../adapters/policies.ts';
import { openPreviews } from '../adapters/preview-ports.ts';
import { openMetrics } from '../adapters/prometheus.ts';
import type { Metrics } from '../adapters/prometheus.ts';
import { openRateLimiter } from '../adapters/rate-limiter.ts';
import type { RateLimiter } from '../adapters/rate-limiter.ts';
import { openRedis } from '../adapters/redis.ts';
import { openRoutingCache } from '../adapters/routing-cache.ts';
import type { Temporal } from '../client/connection.ts';
import type { ClientPorts } from '../client/ports.ts';
import type { PreviewPorts } from '../client/preview.ts';
import { routeCached } from '../client/route.ts';
import type { ManifestPorts } from '../client/skills.ts';
import type { Config, Environment } from '../core/config.ts';
import type { PermissionFile } from '../core/permission-file.ts';
import type { Rights } from '../core/permission-policy.ts';
import type { EventLog } from '../core/ports.ts';
import type { RoutingCache } from '../core/routing-cache.ts';
import type { Routing, RoutingQuery } from '../core/routing.ts';
import { validationDocument } from '../core/validation-document.ts';
import type { ValidationDocument } from '../core/validation-document.ts';
import { openBrief } from './brief.ts';
import { openHealth } from './health.ts';
import type { Health } from './health.ts';
import { openIdentities } from './identity.ts';
import type { Identities } from './identity.ts';
import { openLifecycle } from './lifecycle.ts';
import type { Lifecycle } from './lifecycle.ts';
import { probesOf } from './probes.ts';
import { openRunEvents } from './run-events.ts';
import type { RunEvents } from './run-events.ts';
import { openSharedRouting } from './shared-routing.ts';
import type { SharedRouting } from './shared-routing.ts';
import { openTemporalLink } from './temporal-link.ts';
import type { TemporalLink } from './temporal-link.ts';

export interface ServerPorts {
  readonly config: Config;
  readonly env: Environment;
  /** Where the server listens. */
  readonly host: string;
  readonly ports: ClientPorts;
  /** Connects to the configured server or to the local engine, which it starts where that is allowed. */
  readonly connect: () => Promise<Temporal>;
  /** Whether a Temporal server is configured. */
  readonly isRemote: boolean;
  /** For the operator: faults of ours, with their stack. */
  readonly onFault: (error: unknown, requestId: string) => void;
}

export interface Services {
  readonly config: Config;
  /** Real path of the skills root; no answer names it. */
  readonly root: string;
  readonly ports: ClientPorts;
  readonly manifests: ManifestPorts;
  /** What the policies say. */
  readonly permissions: () => Promise<PermissionFile>;
  readonly identities: Identities;
  readonly limiter: RateLimiter | undefined;
  readonly metrics: Metrics;
  readonly temporal: TemporalLink;
  readonly runEvents: RunEvents;
  readonly events: EventLog;
  readonly previews: PreviewPorts;
  readonly lifecycle: Lifecycle;
  readonly onFault: (error: unknown, requestId: string) => void;
  health(): Promise<Health>;
  readonly route: (query: Omit<RoutingQuery, 'minConfidence'>, rights: Rights) => Promise<Routing>;
  readonly validate: (options: { readonly withCode: boolean }) => Promise<ValidationDocument>;
  close(): Promise<void>;
}

/** Throws `config_invalid` where callers could not be told apart, and `root_not_found` where there is no root. */
export async function openServices(given: ServerPorts): Promise<Services> {
  const { config, env, host, ports, isRemote, onFault } = given;
  const identities = openIdentities(config, host);
  await ports.catalogs.fingerprint();
  const root = await realpath(config.root);
  const policies = openPolicies(root);
  const metrics = openMetrics();
  const redis =
    config.redisUrl === undefined ? undefined : await openRedis(config.redisUrl, config.cachePrefix);
  const temporal = openTemporalLink(given.connect);
  const runEvents = openRunEvents(ports, temporal);
  const onEventFault = (message: string) => onFault(message, '');
  const events = openEventLog({ root, config, now: ports.now, onFault: onEventFault });
  const probes = probesOf({ config, root, records: ports.records, temporal, isRemote, redis });
  const cache = openRoutingCache({
    config,
    redis: config.cacheEnabled ? redis : undefined,
    onFault: () => metrics.cacheFailed(),
  });
  const routing = openSharedRouting({ catalogs: ports.catalogs, root, cacheDir: cacheFolder(config, env) });
  await routing.openIndex(); // so that the first request need not
  return {
    config,
    root,
    ports,
    manifests: { ...ports, editManifest: (...edit) => routing.edited(manifestEditor(root)(...edit)) },
    permissions: openBrief(() => policies.permissions()).get,
    identities,
    limiter: openRateLimiter({ config, redis, onFallback: () => metrics.rateFellBack() }),
    metrics,
    temporal,
    runEvents,
    events,
    previews: openPreviews(config, ports),
    lifecycle: openLifecycle(),
    onFault,
    health: openHealth(probes),
    route: routerOf({ config, routing, cache, metrics }),
    validate: validatorOf(given, root),
    async close() {
      runEvents.close();
      redis?.close();
      await events.close();
      await temporal.close();
    },
  };
}

interface RouterParts {
  readonly config: Config;
  readonly routing: SharedRouting;
  readonly cache: RoutingCache;
  readonly metrics: Metrics;
}

function routerOf({ config, routing, cache, metrics }: RouterParts): Services['route'] {
  const { openIndex, version, catalogs } = routing;
  const onLookup = (result: 'hit' | 'miss' | 'stale') => metrics.cacheAsked(result);
  return (asked, rights) => {
    const query = { minConfidence: config.minConfidence, ...asked };
    return routeCached({ query, rights, catalogs, cache, openIndex, version, onLookup });
  };
}

function validatorOf({ config, env, ports }: ServerPorts, root: string): Services['validate'] {
  return async ({ withCode }) => {
    const catalog = await ports.catalogs.load();
    const note = () => undefined; // nobody watches how far it has come
    const code = withCode ? await checkEntrypoints(catalog, { config, env, note }) : [];
    return validationDocument(catalog, await reviewCatalog(root, catalog, code));
  };
}
