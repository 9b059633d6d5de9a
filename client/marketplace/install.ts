/** Installs and updates packages: everything is resolved, verified and accepted before the first file is written. */
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Catalogue } from '../../core/marketplace/catalogue.ts';
import { demandTrust, planInstall } from '../../core/marketplace/install-plan.ts';
import type { InstallStep } from '../../core/marketplace/install-plan.ts';
import type { Requirement } from '../../core/marketplace/package.ts';
import type { LockEntry, PackageLock } from '../../core/marketplace/package-lock.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import type { MarketplacePorts } from './ports.ts';

export interface InstallRequest {
  readonly catalogue: Catalogue;
  /** Ids with ranges; undefined updates every package of the root. */
  readonly goals: readonly Requirement[] | undefined;
  readonly update: boolean;
  /** Shows the plan; false installs nothing. Rejects if the plan cannot be accepted as it is. */
  accept(steps: readonly InstallStep[]): Promise<boolean>;
}

export interface Installation {
  readonly status: 'installed' | 'declined';
  /** In the order of their installation. */
  readonly steps: readonly InstallStep[];
}

/**
 * Runs no code of a package. Rejects as `planInstall` and `demandTrust` do, with `already_exists` if a local skill
 * would be overwritten, and with `package_tampered` if a file that would be replaced was edited; nothing is written then.
 */
export async function installPackages(
  ports: MarketplacePorts,
  actor: Actor,
  request: InstallRequest,
): Promise<Installation> {
  for (const { id } of request.goals ?? [])
    await authorize(ports, actor, { operation: 'skills:write', skill: id });
  if (request.goals === undefined) await authorize(ports, actor, { operation: 'skills:write' });
  return ports.packages.exclusively(async () => {
    const lock = ports.packages.lock();
    const goals = request.goals ?? [...lock].map(([id, { version }]) => ({ id, version: `>=${version}` }));
    const steps = await verifiedSteps(ports, actor, { ...request, goals, lock });
    if (steps.length > 0 && !(await request.accept(steps))) return { status: 'declined', steps };
    const next = lockAfter(ports, lock, { steps, goals, request });
    if (!isSame(lock, next)) {
      await ports.packages.apply({ write: steps.map((step) => step.package), remove: [], lock: next });
    }
    for (const step of steps) await recordAudit(ports, actor, auditOf(step, next));
    return { status: 'installed', steps };
  });
}

interface Planning extends InstallRequest {
  readonly goals: readonly Requirement[];
  readonly lock: PackageLock;
}

async function verifiedSteps(
  ports: MarketplacePorts,
  actor: Actor,
  { catalogue, lock, goals, update }: Planning,
): Promise<readonly InstallStep[]> {
  const { packages, production, verify } = ports;
  const installed = new Map([...lock].map(([id, entry]) => [id, packages.packageOf(id, entry)]));
  const steps = planInstall({ catalogue, lock, installed, goals, update });
  const trust = { keyring: packages.keyring(), verify, production, now: ports.now() };
  const wanted = steps.map((step) => step.package);
  try {
    demandTrust(wanted, trust);
  } catch (error) {
    if (isSkillosError(error)) await tellRejection(ports, actor, error.details);
    throw error;
  }
  await refuseEdited(ports, lock, steps);
  const { skills } = await ports.catalogs.load();
  for (const found of wanted) {
    const entry = lock.get(found.id);
    const local = entry === undefined ? skills.get(found.id) : undefined;
    if (local !== undefined) {
      throw new SkillosError('already_exists', `Skill "${found.id}" exists already in ${local.file}`);
    }
    await packages.refuseTaken(found, entry);
  }
  return steps;
}

async function refuseEdited(
  { packages }: MarketplacePorts,
  lock: PackageLock,
  steps: readonly InstallStep[],
): Promise<void> {
  const replaced = new Map([...lock].filter(([id]) => steps.some((step) => step.package.id === id)));
  const [finding] = packages.findings(replaced);
  if (finding === undefined) return;
  throw new SkillosError(
    'package_tampered',
    `Package "${finding.id}" cannot be replaced: ${finding.message}`,
    {
      hint: `Keep your edits elsewhere, then: skillos marketplace uninstall ${finding.id}`,
    },
  );
}

function lockAfter(
  { packages }: MarketplacePorts,
  lock: PackageLock,
  {
    steps,
    goals,
    request,
  }: Pick<Planning, 'goals'> & { steps: readonly InstallStep[]; request: InstallRequest },
): PackageLock {
  const next = new Map(lock);
  for (const { package: found } of steps) {
    const explicit = lock.get(found.id)?.explicit ?? false;
    next.set(found.id, packages.entryOf(found, { source: request.catalogue.source, explicit }));
  }
  if (!request.update)
    for (const { id } of goals) next.set(id, { ...(next.get(id) as LockEntry), explicit: true });
  return next;
}

function isSame(before: PackageLock, after: PackageLock): boolean {
  return before.size === after.size && [...after].every(([id, entry]) => isSameEntry(before.get(id), entry));
}

function isSameEntry(before: LockEntry | undefined, after: LockEntry): boolean {
  return before === after || (before?.sha256 === after.sha256 && before.explicit === after.explicit);
}

function auditOf(
  { package: found, from }: InstallStep,
  lock: PackageLock,
): Parameters<typeof recordAudit>[2] {
  const { id, version, keyId } = found;
  const { sha256, capabilities } = lock.get(id) as LockEntry; // `lockAfter` has set it
  return {
    action: from === undefined ? 'package_installed' : 'package_updated',
    skill: id,
    ...(from === undefined ? {} : { before: { version: from.version } }),
    after: { version, key_id: keyId, sha256, capabilities },
  };
}

async function tellRejection(ports: MarketplacePorts, actor: Actor, details: JsonObject = {}): Promise<void> {
  const { package: skill = '', version = '', reason = '' } = details as Readonly<Record<string, string>>; // as `demandTrust` gives them
  await recordAudit(ports, actor, { action: 'package_rejected', skill, reason, after: { version } });
  ports.emit({ event: 'marketplace_install_rejected', package_id: skill, reason }, actor.rights.tenant);
}
