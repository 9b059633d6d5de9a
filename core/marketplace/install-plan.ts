/** What an installation or an update changes, decided before anything is written. */
import { SkillosError } from '../errors/errors.ts';
import type { SkillId } from '../values/skill-id.ts';
import { versionsOf } from './catalogue.ts';
import type { Catalogue } from './catalogue.ts';
import { distrustOf } from './keyring.ts';
import type { TrustTerms } from './keyring.ts';
import type { Capabilities, Requirement, SkillPackage } from './package.ts';
import type { PackageLock } from './package-lock.ts';
import { resolve } from './resolve.ts';
import { compareVersions, fits } from './versions.ts';

/** A package to write; `from` is what the root holds of it now. */
export interface InstallStep {
  readonly package: SkillPackage;
  readonly from?: SkillPackage;
  /** Those that the version in the root does not have. */
  readonly added: Capabilities;
}

export interface InstallAsk {
  readonly catalogue: Catalogue;
  readonly lock: PackageLock;
  /** The packages of the lock. */
  readonly installed: ReadonlyMap<SkillId, SkillPackage>;
  readonly goals: readonly Requirement[];
  /** True: the newest version that fits. False: the installed one, if it fits. */
  readonly update: boolean;
}

/**
 * The packages to write, dependencies first. Other packages that were asked for keep their version; one that is there
 * as a dependency may move, if that makes everything fit. Throws `unknown_package`, `package_invalid`,
 * `circular_dependency`, `missing_dependency` or `version_mismatch`.
 */
export function planInstall(ask: InstallAsk): readonly InstallStep[] {
  const { lock, installed, goals } = ask;
  for (const goal of goals) refuseUnknown(ask, goal.id);
  const kept = [...lock].filter(([id]) => !goals.some((goal) => goal.id === id));
  // No range but its own names a version before its release.
  const others = kept.map(([id, { explicit, version }]) => ({
    id,
    version: explicit ? version : `>=0.0.0-0 || ${version}`,
  }));
  const resolution = resolve([...goals, ...others], (id) => candidatesOf(ask, id));
  if (resolution.status === 'failed') throw new SkillosError(resolution.code, resolution.message);
  return resolution.packages
    .filter((found) => installed.get(found.id) !== found)
    .map((found) => stepOf(installed.get(found.id), found));
}

function stepOf(from: SkillPackage | undefined, to: SkillPackage): InstallStep {
  return { package: to, added: capabilitiesAdded(from, to), ...(from === undefined ? {} : { from }) };
}

/** Throws `signature_verification_failed`, with the reason in its details, if one of the packages is not trusted. */
export function demandTrust(packages: readonly SkillPackage[], terms: TrustTerms): void {
  for (const found of packages) {
    const distrust = distrustOf(found, terms);
    if (distrust === undefined) continue;
    throw new SkillosError(
      'signature_verification_failed',
      `signature_verification_failed: ${found.id}: version ${found.version} is not trusted, because ${distrust.message}`,
      { details: { package: found.id, version: found.version, reason: distrust.reason } },
    );
  }
}

/** The capabilities of `to` that `from` does not have. */
export function capabilitiesAdded(from: SkillPackage | undefined, to: SkillPackage): Capabilities {
  const added = (kind: keyof Capabilities) =>
    to.capabilities[kind].filter((each) => from?.capabilities[kind].includes(each) !== true);
  return { hosts: added('hosts'), connectors: added('connectors'), secrets: added('secrets') };
}

/** Lines such as `host api.example.org`. */
export function capabilityLines({ hosts, connectors, secrets }: Capabilities): readonly string[] {
  return [
    ...hosts.map((host) => `host ${host}`),
    ...connectors.map((connector) => `connector ${connector}`),
    ...secrets.map((secret) => `secret ${secret}`),
  ];
}

/** Packages of the root for which the catalogue holds a version that an update without a range would choose. */
export function outdated(
  catalogue: Catalogue,
  lock: PackageLock,
): readonly { readonly id: SkillId; readonly version: string; readonly latest: string }[] {
  return [...lock].flatMap(([id, { version }]) => {
    const later = versionsOf(catalogue, id).find(
      (found) => compareVersions(found.version, version) > 0 && fits(found.version, `>=${version}`),
    );
    return later === undefined ? [] : [{ id, version, latest: later.version }];
  });
}

/** Finds the newest version, or throws `unknown_package` or `package_invalid`. */
export function findPackage(catalogue: Catalogue, id: SkillId): SkillPackage {
  const [newest] = versionsOf(catalogue, id);
  if (newest === undefined) throw unknownPackage(catalogue, id);
  return newest;
}

function refuseUnknown({ catalogue, installed }: InstallAsk, id: SkillId): void {
  if (!installed.has(id)) findPackage(catalogue, id);
}

function unknownPackage({ refused, source }: Catalogue, id: SkillId): SkillosError {
  const invalid = refused.find(({ name }) => name === id || name.startsWith(`${id}@`));
  return invalid === undefined
    ? new SkillosError(
        'unknown_package',
        `Unknown package "${id}": ${JSON.stringify(source)} does not hold it`,
      )
    : new SkillosError('package_invalid', `Package "${id}" is not valid: ${invalid.problem}`);
}

function candidatesOf({ catalogue, lock, installed, goals, update }: InstallAsk, id: SkillId) {
  const present = installed.get(id);
  const others = versionsOf(catalogue, id);
  if (present === undefined) return others;
  const isGoal = goals.some((goal) => goal.id === id);
  if (!isGoal && lock.get(id)?.explicit === true) return [present];
  const rest = others.filter(({ version }) => version !== present.version);
  if (!isGoal || !update) return [present, ...rest];
  return [present, ...rest].sort((a, b) => compareVersions(b.version, a.version));
}
