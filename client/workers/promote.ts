/** Makes a build of workers the current one, on which new runs start. */
import { ulid } from 'ulid';
import { mayDeploy } from '../../core/deployments/operator.ts';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { demand } from '../../core/rights/operations.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import { SYSTEM, appendAudit } from '../../core/telemetry/audit.ts';
import type { AuditEntry } from '../../core/telemetry/audit.ts';
import { isoTime } from '../../core/values/iso-time.ts';
import { entryOf } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import { authorizeDeploying } from '../deployments/authorize.ts';
import type { ClientPorts } from '../ports.ts';
import type { Temporal } from '../temporal/connection.ts';
import { fleetOf, listBuilds, readRouting, setCurrent, unknownBuild } from './builds.ts';
import type { Build, Fleet, Routing } from './builds.ts';

interface PromotePorts extends Pick<ClientPorts, 'journal' | 'now'> {
  /** That of this process: workers serve all tenants, so only its callers may change them. */
  readonly tenant: string;
}

/** Requires what `mayDeploy` does. Rejects with `engine_unreachable`. */
export async function buildList(
  { tenant }: Pick<PromotePorts, 'tenant'>,
  temporal: Temporal,
  rights: Rights,
): Promise<readonly Build[]> {
  demand(mayDeploy(rights, tenant));
  return listBuilds(temporal);
}

/**
 * Resolves to the build that was current before. Requires what `mayDeploy` does; rejects as `setCurrent` does, and with
 * `build_not_served` if no worker of the build polls.
 */
export async function promoteBuild(
  ports: PromotePorts,
  temporal: Temporal,
  { build, actor }: { readonly build: string; readonly actor: Actor },
): Promise<string | undefined> {
  await authorizeDeploying(ports, actor);
  const fleet = fleetOf(temporal);
  const routing = await readRouting(fleet);
  const found = (await listBuilds(temporal)).find(({ id }) => id === build);
  if (found === undefined) throw unknownBuild(build);
  if (!found.hasWorker)
    throw new SkillosError('build_not_served', `No worker of build ${JSON.stringify(build)} polls`);
  if (routing.current === build) return build;
  await promoteAudited(
    ports,
    () => setCurrent(fleet, { build, routing }),
    (act) => entryOf(ports.now(), actor, { ...act, ...changeOf(routing, build) }),
  );
  return routing.current;
}

/**
 * For a worker that starts: makes its build current if there has never been a current one. Resolves to the current build,
 * which may be another. Rejects as `setCurrent` does.
 */
export async function promoteFirst(
  { journal, now, tenant }: PromotePorts,
  fleet: Fleet,
  build: string,
): Promise<string | undefined> {
  const routing = await readRouting(fleet);
  if (routing.isDecided) return routing.current;
  const entry = (act: Act): AuditEntry => {
    const at = now();
    const change = changeOf(routing, build);
    return { id: ulid(at), at: isoTime(at), tenant, actor: SYSTEM, way: 'worker', ...act, ...change };
  };
  try {
    await promoteAudited(
      { journal },
      () => setCurrent(fleet, { build, routing, allowNoPollers: true }),
      entry,
    );
  } catch (error) {
    const { current } = await readRouting(fleet); // another worker may have been first
    if (current === undefined) throw error;
    return current;
  }
  return build;
}

type Act = Pick<AuditEntry, 'action' | 'reason'>;

/**
 * Writes `build_promoted` first, so that no promotion lacks its entry, and `build_promotion_failed` after it if Temporal refused
 * or did not answer; in the latter case it may have been made.
 */
async function promoteAudited(
  { journal }: Pick<PromotePorts, 'journal'>,
  promote: () => Promise<void>,
  entry: (act: Act) => AuditEntry,
): Promise<void> {
  await appendAudit(journal, entry({ action: 'build_promoted' }));
  try {
    await promote();
  } catch (error) {
    const reason = isSkillosError(error) ? error.code : 'internal';
    await appendAudit(journal, entry({ action: 'build_promotion_failed', reason }));
    throw error;
  }
}

function changeOf({ current }: Routing, build: string) {
  return { before: { build: current ?? null }, after: { build } };
}
