/** A trigger: what an accepted delivery of a webhook runs. */
import type { SkillId } from '../values/skill-id.ts';
import type { SchemeName } from './scheme.ts';

export interface Trigger {
  readonly id: string;
  readonly skill: SkillId;
  /** Name of the secret; without one `SKILLOS_WEBHOOK_SECRET` counts. */
  readonly secretName?: string;
  readonly scheme: SchemeName;
  /** JSON pointer to the payload in the body. */
  readonly payload?: string;
  readonly idempotency?: KeySource;
  readonly rateLimit?: { readonly requests: number; readonly windowSeconds: number };
  /** Whose rights the runs have; see `principalOf`. */
  readonly principal?: { readonly subject: string; readonly roles: readonly string[] };
}

/** Place of the idempotency key in a delivery. */
export type KeySource =
  { readonly kind: 'pointer'; readonly pointer: string } | { readonly kind: 'header'; readonly name: string };

/** An entry of the file that is not valid; it breaks no other entry. */
export interface TriggerProblem {
  /** Its id, or its place in the list. */
  readonly entry: string;
  /** Dotted path in the file, such as `webhooks.1.scheme`. */
  readonly field: string;
  readonly message: string;
}

export interface Triggers {
  readonly triggers: readonly Trigger[];
  readonly problems: readonly TriggerProblem[];
}

/** A trigger, and if it can verify deliveries. */
export interface TriggerState {
  readonly trigger: Trigger;
  readonly secret: 'set' | 'missing' | 'invalid' | 'unsigned';
}

export interface TriggerStates {
  readonly triggers: readonly TriggerState[];
  readonly problems: readonly TriggerProblem[];
}

/** The principal of the runs of a trigger. No login name has a colon, so that a trigger is nobody else. */
export function principalOf({ id, principal }: Trigger) {
  const { subject, roles } = principal ?? { subject: `webhook:${id}`, roles: [] };
  return { subject, roles, via: 'local' } as const;
}
