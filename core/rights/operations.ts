/** Permissions for operations other than running skills. */
import { SkillosError } from '../errors/errors.ts';
import { requireAll, withRules } from './permission-policy.ts';
import type { Rights, Ruling } from './permission-policy.ts';
import type { Caller } from './caller.ts';
import type { RecordedPrincipal } from './principal.ts';

export const OPERATIONS = [
  'skills:write',
  'runs:read',
  'runs:operate',
  'approvals:decide',
  'schedules:write',
  'jobs:write',
  'feedback:write',
  'audit:read',
] as const;

export type Operation = (typeof OPERATIONS)[number];

/** A resource with an owner, such as a run. */
export interface Owned {
  readonly principal: RecordedPrincipal;
}

/** Decides about an operation. The owner of a resource needs no permission. */
export function mayOperate(rights: Rights, operation: Operation, resource?: Owned): Ruling {
  if (resource !== undefined && isOwn(rights, resource)) {
    return { isAllowed: true, explain: ['the caller owns it'] };
  }
  const required = [{ permission: operation, by: ['SkillOS itself'] }];
  return withRules(rights, (rules) => requireAll(rights.principal, rules, { what: 'This', required }));
}

/** Throws an error with the reason of the ruling if it is a denial. */
export function demand(ruling: Ruling): void {
  if (ruling.isAllowed) return;
  const { reason, message, hint } = ruling;
  throw new SkillosError(reason, message, hint === undefined ? {} : { hint });
}

/** A local user and the subject of a token are different principals, even with the same name. */
export function isOwn({ principal }: Caller, { principal: owner }: Owned): boolean {
  return principal.via === owner.via && principal.subject === owner.subject;
}
