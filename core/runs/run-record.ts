/** State transitions of the run record. Each is idempotent: repeated after a crash it changes nothing. */
import type { ApprovalRequirement, RecordedDecision } from '../approvals/approval.ts';
import { waitEnded } from './run-approval.ts';
import { isoTime } from '../values/iso-time.ts';
import { parseFiredRunId } from '../values/schedule-id.ts';
import type { Carried } from '../values/carried.ts';
import { subjectOf, titleOfPlan } from '../plans/plan-title.ts';
import { stepsFrom, stepsOf } from '../plans/plan.ts';
import type { FrozenStep } from '../plans/plan.ts';
import type {
  Account,
  Blocked,
  Claim,
  Pause,
  Ready,
  RunFailure,
  RunRecord,
  RunRequest,
  RunState,
  Settlement,
  StepRecord,
} from './run.ts';
import type { Principal, RecordedPrincipal } from '../rights/principal.ts';

/** The writing execution and the time (ISO 8601). A reset starts a new execution. */
export interface Stamp {
  readonly executionId: string;
  readonly now: string;
}

/** Returns the record of a requested run that has not begun. */
export function openRecord(id: string, request: RunRequest): RunRecord {
  const { origin, schedule, job, query, session } = request;
  const skill = subjectOf(request);
  const firedAt = parseFiredRunId(id)?.at;
  return {
    id,
    status: 'queued',
    skill,
    ...(skill === 'pipeline' ? { title: titleOfPlan(request.plan) } : {}),
    tenant: request.tenant,
    principal: recordedPrincipal(request.principal),
    steps: [],
    ...(query === undefined ? {} : { query }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(origin === undefined ? {} : { origin: { runId: origin.runId, from: origin.from } }),
    ...(session === undefined ? {} : { session }),
    ...(job === undefined ? {} : { queue: 'jobs' as const, job: { ...job, request } }),
    createdAt: firedAt === undefined ? request.askedAt : isoTime(firedAt),
  };
}

/** What a worker keeps with the plan; see `RunRecord`. */
export interface Kept {
  readonly frozen?: FrozenStep | undefined;
  readonly skills?: Carried | undefined;
}

/** The claim succeeded and the first step may start. */
export function beginRecord(
  current: RunRecord,
  stamp: Stamp,
  begin: Ready & { readonly claim: Claim } & Kept,
): RunRecord {
  return change(current, stamp, (base) => {
    const steps = stepRecords(begin, base, begin.claim.stepCost);
    return {
      ...base,
      ...planned(begin, base),
      status: 'running',
      steps,
      claim: begin.claim,
      ...(begin.frozen === undefined ? {} : { frozen: begin.frozen }),
      ...(begin.skills === undefined ? {} : { skills: begin.skills }),
      cost: costOf(steps),
      startedAt: base.startedAt ?? stamp.now,
    };
  });
}

/** The subject of an approval. */
export interface Parking {
  readonly requirement: ApprovalRequirement;
  readonly digest: string;
  readonly input: Carried;
  /** The step before which the run waits; absent if it waits before the claim. */
  readonly step?: number;
}

/** The run waits for an approval before the claim. */
export function parkRecord(
  current: RunRecord,
  stamp: Stamp,
  {
    prepared,
    requirement,
    stepCost,
    skills,
  }: {
    readonly prepared: Ready;
    readonly requirement: ApprovalRequirement;
    readonly stepCost: number;
  } & Kept,
): RunRecord {
  return change(current, stamp, (base) => {
    const steps = stepRecords(prepared, base, stepCost);
    const { digest, payload: input } = prepared;
    const parked = { ...base, ...planned(prepared, base), ...(skills && { skills }), steps };
    return parkedFor({ ...parked, cost: costOf(steps) }, stamp, { requirement, digest, input });
  });
}

/** A run that has begun waits for an approval before a step. */
export function parkBeforeStep(current: RunRecord, stamp: Stamp, parking: Parking): RunRecord {
  return change(current, stamp, (base) => parkedFor({ ...base, digest: parking.digest }, stamp, parking));
}

/** Decisions of another execution are left out: an approval covers one execution. */
function parkedFor(record: RunRecord, { now, executionId }: Stamp, parking: Parking): RunRecord {
  const { pause: _pause, ...rest } = record;
  const { approval } = record;
  const isSame = approval?.digest === parking.digest && approval.executionId === executionId;
  const { since = now, decisions = [] } = isSame ? approval : {};
  return {
    ...rest,
    ...(record.status === 'paused' ? waitEnded(record, now) : {}),
    status: 'awaiting_approval',
    approval: { ...parking, since, executionId, decisions },
  };
}

/** `position` is the index of the decision, so that a decision written twice is stored once. */
export function decideRecord(
  current: RunRecord,
  stamp: Stamp,
  { decision, position }: { readonly decision: RecordedDecision; readonly position: number },
): RunRecord {
  return change(current, stamp, (base) => {
    if (base.approval === undefined) return base;
    const decisions = [...base.approval.decisions.slice(0, position), decision];
    return { ...base, approval: { ...base.approval, decisions } };
  });
}

/** The run pauses before a step, or continues. */
export function markRecord(current: RunRecord, stamp: Stamp, state: Pause | 'running'): RunRecord {
  return change(current, stamp, (base) => {
    const { pause: _pause, ...rest } = { ...base, ...waitEnded(base, stamp.now) };
    if (state === 'running') return { ...rest, status: 'running' };
    return { ...rest, status: 'paused', pause: { ...state, since: stamp.now } };
  });
}

/** Ends the run. A run that has ended keeps its first end. */
export function endRecord(
  current: RunRecord,
  stamp: Stamp,
  { settlement, account }: { readonly settlement: Settlement; readonly account: Account },
): RunRecord {
  return change(current, stamp, (base) => {
    const { pause: _p, frozen: _f, begun: _b, ...rest } = { ...base, ...waitEnded(base, stamp.now) };
    const { succeeded, undoings = [] } = account;
    const attempts = attemptsOf(settlement, account);
    const charged = base.steps.filter(({ number }) => succeeded.includes(number));
    return {
      ...rest,
      ...endOf(settlement),
      ...(base.cost === undefined ? {} : { cost: base.claim === undefined ? 0 : costOf(charged) }),
      ...(succeeded.length === 0 ? {} : { succeeded }),
      ...(attempts === 0 ? {} : { attempts }),
      ...(undoings.length === 0 ? {} : { undoings }),
      ...jobAfter(base, settlement),
      endedAt: stamp.now,
    };
  });
}

function attemptsOf(settlement: Settlement, { succeeded, retries = 0 }: Account): number {
  const { step, attempts = 1 } = settlement.status === 'error' ? settlement.failure : {};
  return succeeded.length + retries + (step === undefined ? 0 : attempts);
}

/** A job that has succeeded is not requeued, so it needs its request no longer. */
function jobAfter({ job }: RunRecord, { status }: Settlement): Pick<RunRecord, 'job'> {
  if (job === undefined) return {};
  const { retry: _retry, isCancelling: _isCancelling, request, ...terms } = job;
  return { job: status === 'success' || request === undefined ? terms : { ...terms, request } };
}

/** Returns the settlement of a run that has ended; callers pass no other record. */
export function settlementOf(record: RunRecord): Settlement {
  const { status, output, error, reason, policy = '' } = record;
  switch (status) {
    case 'success':
      return { status, output: output as Carried };
    case 'blocked':
      return { status, reason: reason as Blocked['reason'], policy, message: error?.message ?? '' };
    case 'error':
      return { status, failure: error as RunFailure };
    case 'cancelled':
    case 'queued':
    case 'running':
    case 'awaiting_approval':
    case 'paused':
      return record.reason === 'expired'
        ? { status: 'cancelled', reason: 'expired' }
        : { status: 'cancelled' };
  }
}

function endOf(settlement: Settlement): Partial<RunRecord> & Pick<RunRecord, 'status'> {
  switch (settlement.status) {
    case 'success':
      return { status: 'success', output: settlement.output };
    case 'error':
      return { status: 'error', reason: settlement.failure.code, error: settlement.failure };
    case 'blocked': {
      const { reason, policy, message } = settlement;
      return { status: 'blocked', reason, policy, error: { code: reason, message } };
    }
    case 'cancelled':
      return { status: 'cancelled', reason: settlement.reason ?? 'run_cancelled' };
  }
}

/**
 * Applies a change. Ignores writes of stale workers after the same execution was settled, and writes to a job that ended
 * before any execution began it.
 */
function change(current: RunRecord, stamp: Stamp, make: (base: RunRecord) => RunRecord): RunRecord {
  const { executionId } = stamp;
  if (current.job !== undefined && current.executionId === undefined && current.endedAt !== undefined)
    return current;
  if (current.executionId !== executionId) return { ...make(reopened(current)), executionId };
  return current.endedAt === undefined ? make(current) : current;
}

/** The record of a run that the operator has reset: `executionId` continues it, and permits of earlier executions hold. */
export function resetRecord(
  current: RunRecord,
  { executionId, status }: { readonly executionId: string; readonly status: RunState },
): RunRecord {
  const { executionId: earlier, resetExecutions = [], ...rest } = reopened(current);
  const executions = earlier === undefined ? resetExecutions : [...resetExecutions, earlier];
  return { ...rest, status, executionId, resetExecutions: executions };
}

/** True if the record belongs to another execution, which no reset by the operator has continued. */
export function isForeign(record: RunRecord | undefined, executionId: string): boolean {
  return record?.executionId !== undefined && record.executionId !== executionId;
}

/** Removes the end of the record, for the new execution after a reset. */
function reopened(record: RunRecord): RunRecord {
  const {
    reason: _r,
    policy: _p,
    output: _o,
    error: _e,
    endedAt: _d,
    succeeded: _s,
    attempts: _a,
    undoings: _u,
    ...rest
  } = record;
  return rest;
}

function planned({ plan, digest, warnings }: Ready, { skill }: RunRecord): Partial<RunRecord> {
  const title = skill === 'pipeline' ? { title: titleOfPlan(plan) } : {};
  return { ...title, digest, ...(warnings.length === 0 ? {} : { warnings }) };
}

function stepRecords({ plan }: Ready, { origin }: RunRecord, stepCost: number): readonly StepRecord[] {
  const paid = new Set(stepsFrom(plan, origin?.from));
  return stepsOf(plan).map((step) => stepRecord(step, paid.has(step) ? (step.cost ?? stepCost) : undefined));
}

function stepRecord(
  { number, skill, hash, variant, sideEffects }: FrozenStep,
  cost: number | undefined,
): StepRecord {
  return {
    number,
    skill,
    hash,
    ...(variant === undefined ? {} : { variant }),
    ...(sideEffects === undefined ? {} : { sideEffects }),
    ...(cost === undefined ? {} : { cost }),
  };
}

function costOf(steps: readonly StepRecord[]): number {
  return steps.reduce((sum, { cost = 0 }) => sum + cost, 0);
}

/** Keeps the fields for lists and audit; permissions and attributes are left out. */
function recordedPrincipal({ subject, roles, via }: Principal): RecordedPrincipal {
  return { subject, roles, via };
}
