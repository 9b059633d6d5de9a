/** Makes a build of workers the current one, on which new runs start. */
import { ulid } from 'ulid';
import { mayDeploy } from '../../core/deployments/operator.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { demand } from '../../core/rights/operations.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import { SYSTEM, appendAudit } from '../../core/telemetry/audit.ts';
import { recordAudit } from '../audit/authorize.ts';
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
  await setCurrent(fleet, { build, routing });
  await recordAudit(ports, actor, { action: 'build_promoted', ...changeOf(routing, build) });
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
  try {
    await setCurrent(fleet, { build, routing, allowNoPollers: true });
  } catch (error) {
    const { current } = await readRouting(fleet); // another worker may have been first
    if (current === undefined) throw error;
    return current;
  }
  const at = now();
  await appendAudit(journal, {
    id: ulid(at),
    at: new Date(at).toISOString(),
    tenant,
    actor: SYSTEM,
    action: 'build_promoted',
    way: 'worker',
    ...changeOf(routing, build),
  });
  return build;
}

function changeOf({ current }: Routing, build: string) {
  return { before: { build: current ?? null }, after: { build } };
}
