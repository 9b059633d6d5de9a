/** Shows deployments, compares them, and activates one that was deployed before. Needs no Temporal. */
import { beforeActive, readActive } from '../../core/deployments/active.ts';
import type { ActiveDeployment } from '../../core/deployments/active.ts';
import type { DeploymentContent } from '../../core/deployments/content.ts';
import { findDeployment, listDeployments } from '../../core/deployments/deployment.ts';
import type { Deployment } from '../../core/deployments/deployment.ts';
import { changesBetween } from '../../core/deployments/difference.ts';
import type { DeploymentChange } from '../../core/deployments/difference.ts';
import { mayDeploy } from '../../core/deployments/operator.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { demand } from '../../core/rights/operations.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import type { Actor } from '../audit/authorize.ts';
import { activateAudited, readAudited } from './activation.ts';
import { authorizeDeploying } from './authorize.ts';
import type { DeploymentPorts } from './ports.ts';

/** The name by which the active deployment may be given instead of its id. */
const ACTIVE = 'active';

export interface ListedDeployment extends Deployment {
  readonly active: boolean;
}

interface DeploymentPage {
  readonly limit: number;
  /** A `next` of the page before. */
  readonly after?: string | undefined;
}

/** Newest first. Requires what `mayDeploy` does, as all that shows files of the root. */
export async function deploymentList(
  { records, tenant }: DeploymentPorts,
  rights: Rights,
  { limit, after }: DeploymentPage,
): Promise<{ readonly items: readonly ListedDeployment[]; readonly next?: string }> {
  demand(mayDeploy(rights, tenant));
  const [active, page] = await Promise.all([
    readActive(records),
    listDeployments(records, { limit, ...(after !== undefined && { after }) }),
  ]);
  return { ...page, items: page.items.map((each) => listed(each, active)) };
}

function listed(deployment: Deployment, active: ActiveDeployment | undefined): ListedDeployment {
  return { ...deployment, active: deployment.id === active?.id };
}

export interface ShownDeployment extends ListedDeployment {
  readonly content: DeploymentContent;
}

/** `given` is an id, its first digits, or `active`. Requires what `mayDeploy` does. */
export async function showDeployment(
  ports: DeploymentPorts,
  rights: Rights,
  given: string,
): Promise<ShownDeployment> {
  demand(mayDeploy(rights, ports.tenant));
  const active = await readActive(ports.records);
  const found = await findDeployment(ports.records, idOf(given, active));
  return { ...listed(found, active), content: await ports.contents.get(found.id) };
}

/** Each is given as for `showDeployment`. Requires the same. */
export async function compareDeployments(
  ports: DeploymentPorts,
  rights: Rights,
  [from, to]: readonly [string, string],
): Promise<{ readonly from: string; readonly to: string; readonly changes: readonly DeploymentChange[] }> {
  const before = await showDeployment(ports, rights, from);
  const after = await showDeployment(ports, rights, to);
  return { from: before.id, to: after.id, changes: changesBetween(before.content, after.content) };
}

/** Resolves to the id. Requires what `mayDeploy` does; rejects with `code_unavailable` if the storage lacks some of its code. */
export async function activateDeployment(
  ports: DeploymentPorts,
  actor: Actor,
  given: string,
): Promise<string> {
  await authorizeDeploying(ports, actor);
  const active = await readAudited(ports);
  const { id } = await findDeployment(ports.records, idOf(given, active));
  if (id !== active?.id) await swap(ports, actor, { id, active, action: 'deployment_activated' });
  return id;
}

/** Activates the deployment that was active before the present one, and resolves to its id. Rejects likewise. */
export async function rollBack(ports: DeploymentPorts, actor: Actor): Promise<string> {
  await authorizeDeploying(ports, actor);
  const active = await readAudited(ports);
  if (active === undefined) throw nothingDeployed();
  const id = beforeActive(active);
  await swap(ports, actor, { id, active, action: 'deployment_rolled_back' });
  return id;
}

interface Swap {
  readonly id: string;
  readonly active: ActiveDeployment | undefined;
  readonly action: 'deployment_activated' | 'deployment_rolled_back';
}

async function swap(ports: DeploymentPorts, actor: Actor, { id, active, action }: Swap): Promise<void> {
  const next = await ports.contents.get(id);
  await demandCode(ports, next.code);
  await activateAudited(ports, actor, { id, content: next, seen: active?.id, action, now: ports.now() });
}

async function demandCode({ missingCode }: DeploymentPorts, code: DeploymentContent['code']): Promise<void> {
  const missing = new Set(await missingCode([...new Set(Object.values(code))]));
  const lost = Object.entries(code).find(([, hash]) => missing.has(hash));
  if (lost === undefined) return;
  throw new SkillosError(
    'code_unavailable',
    `The code of skill "${lost[0]}" is no longer in the storage; nothing was activated`,
    { hint: 'Deploy the skills root again: skillos deploy' },
  );
}

function idOf(given: string, active: ActiveDeployment | undefined): string {
  if (given !== ACTIVE) return given;
  if (active === undefined) throw nothingDeployed();
  return active.id;
}

function nothingDeployed(): SkillosError {
  return new SkillosError('unknown_deployment', 'Nothing has been deployed yet');
}

/** The document of a deployment in lists, as JSON. */
export function deploymentItem({ id, at, by, message, skills, files, active }: ListedDeployment) {
  return { id, at, by, ...(message !== undefined && { message }), skills, files, active };
}

/** The document of one deployment: names of its files and content hashes of its code. */
export function deploymentDocument(shown: ShownDeployment) {
  const { files, code } = shown.content;
  return {
    schema: 'skillos.deployment/v1',
    ...deploymentItem(shown),
    files: Object.keys(files),
    code: { ...code },
  };
}

/** The text of a file of a deployment; base64 if it is not UTF-8. Throws `usage` if it has no such file. */
export function fileOf({ content }: ShownDeployment, name: string): string {
  const file = Object.hasOwn(content.files, name) ? content.files[name] : undefined;
  if (file !== undefined) return typeof file === 'string' ? file : file.base64;
  throw new SkillosError(
    'usage',
    `The deployment has no file ${JSON.stringify(name)}: expected a path below the skills root`,
    { hint: 'skillos deployments show <deployment>' },
  );
}
