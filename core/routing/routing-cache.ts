/** The cache of routing results and its keys. Permissions are checked again for each cached result. */
import { sha256 } from '../values/digest.ts';
import type { PermissionFile } from '../rights/permission-file.ts';
import type { Rights } from '../rights/permission-policy.ts';
import type { Routing, RoutingQuery } from './routing.ts';
import type { SkillId } from '../values/skill-id.ts';

/** May lose entries at any time; never rejects. */
export interface RoutingCache {
  /**
   * Returns the entry of the key, or undefined. An entry of another process is returned only if `holds` accepts it,
   * because anyone with access to the shared store can write one.
   */
  get(key: string, holds: (routing: Routing) => Promise<boolean>): Promise<Routing | undefined>;
  put(key: string, routing: Routing): Promise<void>;
}

export interface RoutingKeyParts {
  readonly query: RoutingQuery;
  readonly rights: Rights;
  /** Changes with the catalog and with all other input of the ranking. */
  readonly version: string;
}

/** SHA-256 of all that the result depends on: caller, policies, catalog and options. */
export function routingKey({ query, rights, version }: RoutingKeyParts): string {
  const { principal, tenant, production, file } = rights;
  const input = { query, principal, tenant, production, policies: versionOf(file), version };
  // JSON.stringify leaves out functions, which `version` covers. Another order of fields costs a cache miss, no error.
  return sha256(JSON.stringify(input));
}

/** Returns the ids of all skills that a result names. */
export function skillsIn(routing: Routing): readonly SkillId[] {
  const others = routing.alternatives.map(({ skill }) => skill);
  if (routing.status === 'no_skill_found') return others;
  return [routing.skill, ...others, ...(routing.replaces === undefined ? [] : [routing.replaces])];
}

/** True if the status agrees with the confidence and the caller's threshold. */
export function isConsistent(routing: Routing, minConfidence: number): boolean {
  if (routing.status === 'no_skill_found') return true;
  return (routing.status === 'routed') === routing.confidence >= minConfidence;
}

function versionOf(file: PermissionFile): string {
  switch (file.status) {
    case 'read':
      return file.digest;
    case 'invalid':
      return `invalid: ${file.message}`;
    case 'absent':
      return 'absent';
  }
}
