/** What may be permitted besides running skills. */
import { SkillosError } from './errors.ts';
import { requireAll, withRules } from './permission-policy.ts';
import type { Rights, Ruling } from './permission-policy.ts';
import type { RecordedPrincipal } from './run.ts';

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

/** What somebody asked for: a run, for one. */
export interface Owned {
  readonly principal: RecordedPrincipal;
}

/** What belongs to the caller needs no permission. */
export function mayOperate(rights: Rights, operation: Operation, resource?: Owned): Ruling {
  if (resource !== undefined && isOwn(rights, resource)) {
    return { isAllowed: true, explain: ['it belongs to the caller'] };
  }
  const required = [{ permission: operation, by: ['SkillOS itself'] }];
  return withRules(rights, (rules) => requireAll(rights.principal, rules, { what: 'This', required }));
}

/** Throws under the reason of the ruling where it is no. */
export function demand(ruling: Ruling): void {
  if (!ruling.isAllowed) throw new SkillosError(ruling.reason, ruling.message);
}

/** The local user called ann is not the ann of a token. */
function isOwn({ principal }: Rights, { principal: owner }: Owned): boolean {
  return principal.via === owner.via && principal.subject === owner.subject;
}
