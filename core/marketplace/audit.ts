/** What an operator should look at about the installed packages. */
import type { ConnectorSpec } from '../connectors/connector.ts';
import { hostProblem } from '../connectors/package-hosts.ts';
import type { SkillId } from '../values/skill-id.ts';
import { versionsOf } from './catalogue.ts';
import type { Catalogue } from './catalogue.ts';
import { outdated } from './install-plan.ts';
import { validityProblem } from './keyring.ts';
import type { Keyring } from './keyring.ts';
import type { LockEntry, PackageLock } from './package-lock.ts';
import { unneeded } from './package-lock.ts';

export interface AuditFinding {
  readonly code:
    | 'package_tampered'
    | 'signature_verification_failed'
    | 'key_not_valid'
    | 'package_outdated'
    | 'package_withdrawn'
    | 'package_unneeded'
    | 'connector_unknown'
    | 'host_not_accepted'
    | 'secret_missing'
    | 'sandbox_unavailable';
  /** Absent for a finding about all packages. */
  readonly id?: SkillId;
  readonly message: string;
}

export interface AuditTerms {
  readonly lock: PackageLock;
  readonly keyring: Keyring;
  /** Unix milliseconds. */
  readonly now: number;
  /** Absent if there is none to compare with. */
  readonly catalogue?: Catalogue | undefined;
  /** The valid connectors of the root by id. */
  readonly connectors: ReadonlyMap<string, ConnectorSpec>;
  /** The names under which a secret of a package may be set; undefined if one of them is. */
  missingSecret(owner: SkillId, key: string): readonly string[] | undefined;
  /** Why the sandbox does not start here. */
  readonly sandboxProblem?: string | undefined;
}

/** Files and signatures are not looked at here. */
export function auditFindings(terms: AuditTerms): readonly AuditFinding[] {
  const { lock, sandboxProblem } = terms;
  const { size } = lock;
  return [
    ...[...lock].flatMap(([id, entry]) =>
      keyFindings(id, entry, terms).concat(capabilityFindings(id, entry, terms)),
    ),
    ...catalogueFindings(terms),
    ...unneeded(lock).map((id) => ({
      code: 'package_unneeded' as const,
      id,
      message: 'nobody asked for it, and no other package needs it',
    })),
    ...(size === 0 || sandboxProblem === undefined
      ? []
      : [{ code: 'sandbox_unavailable' as const, message: `packages do not run here: ${sandboxProblem}` }]),
  ];
}

function keyFindings(id: SkillId, entry: LockEntry, { keyring, now }: AuditTerms): readonly AuditFinding[] {
  const key = keyring.keys.find(({ key_id: known }) => known === entry.key_id);
  const problem = key && validityProblem(key, now);
  if (problem === undefined) return [];
  return [{ code: 'key_not_valid', id, message: `${problem.message}, so it gets no updates` }];
}

function capabilityFindings(
  id: SkillId,
  { capabilities: { connectors, hosts, secrets } }: LockEntry,
  terms: AuditTerms,
): readonly AuditFinding[] {
  return [
    ...connectors.flatMap((connector) => connectorFindings(id, { connector, hosts }, terms)),
    ...secrets.flatMap((key) => {
      const names = terms.missingSecret(id, key);
      if (names === undefined) return [];
      const expected = names.length === 0 ? 'a key that is no setting' : names.join(' or ');
      const message = `the secret "${key}" is not set here: expected ${expected}`;
      return [{ code: 'secret_missing' as const, id, message }];
    }),
  ];
}

function connectorFindings(
  id: SkillId,
  { connector, hosts }: { readonly connector: string; readonly hosts: readonly string[] },
  { connectors }: AuditTerms,
): readonly AuditFinding[] {
  const spec = connectors.get(connector);
  if (spec === undefined) {
    return [{ code: 'connector_unknown', id, message: `there is no valid connector "${connector}"` }];
  }
  const problem = hostProblem(spec, hosts);
  return problem === undefined ? [] : [{ code: 'host_not_accepted', id, message: problem }];
}

function catalogueFindings({ catalogue, lock }: AuditTerms): readonly AuditFinding[] {
  if (catalogue === undefined) return [];
  const later = outdated(catalogue, lock).map(({ id, version, latest }) => ({
    code: 'package_outdated' as const,
    id,
    message: `version ${version} is installed, and ${latest} is there`,
  }));
  const gone = [...lock].flatMap(([id, entry]) => {
    const message = withdrawal(catalogue, id, entry);
    return message === undefined ? [] : [{ code: 'package_withdrawn' as const, id, message }];
  });
  return [...later, ...gone];
}

/** A catalogue that never held the package says nothing about it. */
function withdrawal(catalogue: Catalogue, id: SkillId, { version, source }: LockEntry): string | undefined {
  const versions = versionsOf(catalogue, id);
  if (versions.some((found) => found.version === version)) return undefined;
  if (versions.length > 0) return `the catalogue no longer holds version ${version}, only others`;
  return source === catalogue.source
    ? 'the catalogue from which it was installed no longer holds a valid version of it'
    : undefined;
}
