/** Permits: signatures of the worker that let a plan be claimed, or one step run, in one execution of one run. */
import type { JsonValue } from '../json.ts';
import { firstStepsOf, knownInput, stepsOf } from '../plans/plan.ts';
import type { FrozenSkill, FrozenStep } from '../plans/plan.ts';
import type { Principal } from '../rights/principal.ts';
import type { Carried } from '../values/carried.ts';
import { canonicalJson, hmacSha256, isSameSecret } from '../values/digest.ts';
import type { Ready, StepPermits } from './run.ts';

/** The run and its execution, as Temporal names them to every activity. */
export interface Place {
  readonly runId: string;
  readonly executionId: string;
}

export interface StepCallFacts {
  readonly step: FrozenStep | (FrozenSkill & Pick<FrozenStep, 'number'>);
  readonly principal: Pick<Principal, 'subject' | 'roles'>;
  /** The input; absent if the permit is for any input. */
  readonly input?: Carried | undefined;
  /** True if the call is the rollback of the step. */
  readonly undoes?: boolean | undefined;
}

/** Signs the number, code, limits and principal of the call, and its input if that is given. */
export function permitStep(serverKey: string, place: Place, call: StepCallFacts): string {
  const { step, input, undoes = false, principal } = call;
  const { subject, roles } = principal;
  return sign(serverKey, { purpose: 'step', ...place, step, principal: { subject, roles }, input, undoes });
}

/** Permits for all steps of a plan, in the order of their numbers. A permit covers the input if the request contains it. */
export function permitPlan(
  serverKey: string,
  place: Place,
  { plan, payload, principal }: Pick<Ready, 'plan' | 'payload'> & Pick<StepCallFacts, 'principal'>,
): readonly StepPermits[] {
  const first = new Set(firstStepsOf(plan));
  return stepsOf(plan).map((step) => {
    const input = knownInput(step, first.has(step) ? payload : undefined);
    const permit = permitStep(serverKey, place, { step, principal, input });
    if (step.rollback === undefined) return { step: permit };
    const undoing = { step: { ...step.rollback, number: step.number }, principal, undoes: true };
    return { step: permit, rollback: permitStep(serverKey, place, undoing) };
  });
}

/** Signs a plan as `prepare` froze it, so that no other plan can be claimed after an approval. */
export function sealPlan(serverKey: string, place: Place, ready: Ready): string {
  const { seal: _seal, permits: _permits, claim: _claim, ...sealed } = ready;
  return sign(serverKey, { purpose: 'plan', ...place, sealed });
}

/** Compares in constant time. */
export function isPermit(given: string | undefined, expected: string): boolean {
  return given !== undefined && isSameSecret(given, expected);
}

function sign(serverKey: string, facts: object): string {
  return hmacSha256(serverKey, canonicalJson(facts as JsonValue)); // plain JSON, although its interfaces have no index signature
}
