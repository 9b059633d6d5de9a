/** Services that endpoints use; opened once per server. */
import type { PresentRoots } from '../../adapters/deployments/present-root.ts';
import { openPreviews } from '../../adapters/open.ts';
import { openServerAdapters } from '../../adapters/open-server.ts';
import type { Metrics } from '../../adapters/telemetry/prometheus.ts';
import { openWebhooks } from '../../adapters/open-webhooks.ts';
import { detectType } from '../../adapters/attachments/detect-type.ts';
import type { RateLimiter } from '../../adapters/redis/rate-limiter.ts';
import type { Temporal } from '../../client/temporal/connection.ts';
import { jobFigures } from '../../client/jobs/jobs-in-flight.ts';
import { recentMetrics } from '../../client/learning/run-metrics.ts';
import type { ClientPorts } from '../../client/ports.ts';
import type { WebhookPorts } from '../../client/webhooks/ports.ts';
import type { AttachmentBytes } from '../../core/attachments/attachment-records.ts';
import type { PreviewPorts } from '../../client/submit/preview.ts';
import type { RoutingPorts } from '../../client/submit/submission.ts';
import type { FeedbackPorts } from '../../client/learning/feedback.ts';
import type { ManifestPorts } from '../../client/skills/skills.ts';
import type { Config, Environment } from '../../core/settings/config.ts';
import type { PermissionFile } from '../../core/rights/permission-file.ts';
import type { EventLog } from '../../core/telemetry/events.ts';
import type { Tracing } from '../../core/telemetry/tracing.ts';
import type { Blobs } from '../../core/storage/blobs.ts';
import { tenantOfProcess } from '../../core/values/tenant.ts';
import { openDeploymentServices, editorOf, unlessNothingDeployed } from './deployed.ts';
import type { DeploymentServices } from './deployed.ts';
import { openMicroCache } from './micro-cache.ts';
import { openHealth } from './health.ts';
import type { Health } from './health.ts';
import { checkTokenSettings } from '../../adapters/identity/jwt.ts';
import { openClientAddresses } from '../http/client-address.ts';
import type { AddressOf } from '../http/client-address.ts';
import { openEventStreams } from './event-streams.ts';
import type { EventStreams } from './event-streams.ts';
import { openIdentities } from './identity.ts';
import type { Identities } from './identity.ts';
import { openLifecycle } from './lifecycle.ts';
import type { Lifecycle } from './lifecycle.ts';
import { healthChecks } from './health-checks.ts';
import { openRunEvents } from './run-events.ts';
import type { RunEvents } from './run-events.ts';
import { openLearning } from './learning.ts';
import { openServerRouting } from './routing.ts';
import { openScheduleServices } from './backfills.ts';
import type { ScheduleServices } from './backfills.ts';
import { openTemporalLink } from './temporal-link.ts';
import type { TemporalLink } from './temporal-link.ts';

export interface ServerPorts {
  readonly config: Config;
  readonly env: Environment;
  /** Host name or address on which the server listens. */
  readonly host: string;
  readonly ports: ClientPorts;
  readonly roots: PresentRoots;
  readonly blobs: Blobs;
  readonly attachments: AttachmentBytes;
  /** Connects to the configured Temporal server or to the local engine, which it may start. */
  readonly connect: () => Promise<Temporal>;
  /** True if a Temporal server is configured. */
  readonly isRemote: boolean;
  /** Reports an unexpected error to the operator. */
  readonly onFault: (error: unknown, requestId: string) => void;
}

export interface Services extends ScheduleServices, DeploymentServices {
  readonly config: Config;
  /** Real path of the skills root; no reply contains it. */
  readonly root: string;
  readonly ports: ClientPorts;
  readonly manifests: ManifestPorts;
  /** Reads the permission policy, at most 20 ms old. */
  readonly permissions: () => Promise<PermissionFile>;
  readonly identities: Identities;
  readonly addressOf: AddressOf;
  readonly limiter: RateLimiter | undefined;
  readonly webhooks: Pick<WebhookPorts, 'triggers' | 'secret' | 'attachments'>;
  readonly metrics: Metrics;
  readonly temporal: TemporalLink;
  readonly runEvents: RunEvents;
  readonly streams: EventStreams;
  readonly events: EventLog;
  /** Undefined unless traces are sent. */
  readonly tracing: Tracing | undefined;
  readonly previews: PreviewPorts;
  readonly lifecycle: Lifecycle;
  readonly onFault: (error: unknown, requestId: string) => void;
  health(): Promise<Health>;
  readonly routing: RoutingPorts;
  readonly feedback: FeedbackPorts;
  close(): Promise<void>;
}

/** Rejects with `config_invalid` if callers could not be identified, and with `root_not_found`. */
export async function openServices(given: ServerPorts): Promise<Services> {
  const { config, env, host, roots, ports, isRemote, onFault } = given;
  await checkTokenSettings(config);
  const identities = openIdentities(config, host);
  await unlessNothingDeployed(ports.catalogs.fingerprint());
  const opened = await openServerAdapters({
    ...given,
    jobFigures: () => jobFigures(ports, ports.now()),
    runFigures: () => recentMetrics(ports, tenantOfProcess(config)),
    onEventFault: (message) => onFault(message, ''),
  });
  const { policies, redis, cache, cacheDir, close, ...kept } = opened;
  const { root, metrics } = kept;
  const temporal = openTemporalLink(given.connect);
  const lifecycle = openLifecycle();
  const runEvents = openRunEvents(ports, temporal);
  const { apiMaxStreams: maxPerPrincipal, trustedProxies } = config;
  const checks = healthChecks({ config, root, records: ports.records, temporal, isRemote, redis });
  const learning = openLearning(ports);
  const routing = await openServerRouting(given, { root, cacheDir });
  return {
    config,
    ...kept,
    ports,
    ...openScheduleServices(ports, temporal, lifecycle),
    manifests: { ...ports, editManifest: (...edit) => routing.afterEdit(editorOf(config, root)(...edit)) },
    permissions: openMicroCache(() => policies.permissions()).get,
    identities,
    addressOf: openClientAddresses(trustedProxies),
    webhooks: {
      ...openWebhooks({ root, roots, env, config }),
      attachments: { bytes: given.attachments, detectType },
    },
    temporal,
    runEvents,
    streams: openEventStreams({ maxPerPrincipal, lifecycle, metrics, now: ports.now }),
    previews: await openPreviews(config, { roots, ports }),
    lifecycle,
    onFault,
    health: openHealth(checks),
    feedback: learning.feedback,
    routing: {
      ...routing,
      ...learning.routing,
      cache,
      minConfidence: config.minConfidence,
      onLookup: (result) => metrics.cacheLookedUp(result),
      onRouted: (status, seconds) => metrics.routed(status, seconds),
    },
    ...openDeploymentServices(given, root),
    async close() {
      runEvents.close();
      await close();
      await temporal.close();
    },
  };
}
