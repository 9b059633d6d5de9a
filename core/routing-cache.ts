/** What the router said lately, and under which key: an answer is never trusted for more than saving the work. */
import { sha256 } from './digest.ts';
import type { PermissionFile } from './permission-file.ts';
import type { Rights } from './permission-policy.ts';
import type { Routing, RoutingQuery } from './routing.ts';
import type { SkillId } from './skill-id.ts';

/** May forget anything at any time; never rejects. */
export interface RoutingCache {
  /**
   * What was put under the key. What another process put there is asked about first: who writes to a store that is
   * shared is not known.
   */
  get(key: string, holds: (routing: Routing) => Promise<boolean>): Promise<Routing | undefined>;
  put(key: string, routing: Routing): Promise<void>;
}

export interface RoutingAsked {
  readonly query: RoutingQuery;
  readonly rights: Rights;
  /** Changes with the catalog and with whatever else the ranking looks at. */
  readonly version: string;
}

/** A digest of everything that the answer depends on: another caller, policy, catalog or option is another key. */
export function routingKey({ query, rights, version }: RoutingAsked): string {
  const { principal, tenant, production, file } = rights;
  const asked = { query, principal, tenant, production, policies: digestOf(file), version };
  // Fields in another order would only be looked up anew; functions fall away, and `version` stands for them.
  return sha256(JSON.stringify(asked));
}

/** The skills that an answer names. */
export function skillsIn(routing: Routing): readonly SkillId[] {
  const others = routing.alternatives.map(({ skill }) => skill);
  if (routing.status === 'no_skill_found') return others;
  return [routing.skill, ...others, ...(routing.replaces === undefined ? [] : [routing.replaces])];
}

/** Whether the status is what the confidence and the caller's limit make of it. */
export function isConsistent(routing: Routing, minConfidence: number): boolean {
  if (routing.status === 'no_skill_found') return true;
  return (routing.status === 'routed') === routing.confidence >= minConfidence;
}

/** A file that has not changed is the same object. */
const digests = new WeakMap<PermissionFile, string>();

function digestOf(file: PermissionFile): string {
  const known = digests.get(file);
  if (known !== undefined) return known;
  const digest = sha256(
    JSON.stringify(file, (_name, value: unknown) =>
      value instanceof Map || value instanceof Set ? [...(value as Iterable<unknown>)] : value,
    ),
  );
  digests.set(file, digest);
  return digest;
}
