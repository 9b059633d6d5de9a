/** The run record's life: each function is one change of it, and changes nothing that was written before a crash. */
import type { ApprovalRequirement, RecordedDecision } from './approval.ts';
import type { Carried } from './carried.ts';
import { stepsFrom, stepsOf } from './plan.ts';
import type { FrozenStep } from './plan.ts';
import type {
  Account,
  Blocked,
  Claim,
  Pause,
  Principal,
  Ready,
  RecordedPrincipal,
  RunFailure,
  RunRecord,
  RunRequest,
  Settlement,
  StepRecord,
} from './run.ts';

/** Which execution writes, and when (ISO 8601). A reset makes a new execution. */
export interface Stamp {
  readonly executionId: string;
  readonly now: string;
}

/** The record of a run that was asked for and has not begun. */
export function openRecord(id: string, request: RunRequest): RunRecord {
  const { origin } = request;
  return {
    id,
    status: 'queued',
    skill: subjectOf(request),
    tenant: request.tenant,
    principal: recordedPrincipal(request.principal),
    steps: [],
    ...(origin === undefined ? {} : { origin: { runId: origin.runId, from: origin.from } }),
    createdAt: request.askedAt,
  };
}

/** The run holds what it needs and may take its first step. */
export function beginRecord(
  current: RunRecord,
  stamp: Stamp,
  begin: Ready & { readonly claim: Claim; readonly frozen?: FrozenStep | undefined },
): RunRecord {
  return change(current, stamp, (base) => {
    const steps = stepRecords(begin, base, begin.claim.stepCost);
    return {
      ...base,
      ...planned(begin),
      status: 'running',
      steps,
      claim: begin.claim,
      ...(begin.frozen === undefined ? {} : { frozen: begin.frozen }),
      cost: costOf(steps),
      startedAt: base.startedAt ?? stamp.now,
    };
  });
}

/** What people are asked to decide about. */
export interface Parking {
  readonly requirement: ApprovalRequirement;
  readonly digest: string;
  readonly input: Carried;
  /** The step that the run stands before; absent before the first. */
  readonly step?: number;
}

/** The run waits for people before it holds anything. */
export function parkRecord(
  current: RunRecord,
  stamp: Stamp,
  {
    prepared,
    requirement,
    stepCost,
  }: { readonly prepared: Ready; readonly requirement: ApprovalRequirement; readonly stepCost: number },
): RunRecord {
  return change(current, stamp, (base) => {
    const steps = stepRecords(prepared, base, stepCost);
    const { digest, payload: input } = prepared;
    const asked = { ...base, ...planned(prepared), steps, cost: costOf(steps) };
    return parkedFor(asked, stamp, { requirement, digest, input });
  });
}

/** A run that has begun waits for people before a step. */
export function parkBeforeStep(current: RunRecord, stamp: Stamp, parking: Parking): RunRecord {
  return change(current, stamp, (base) => parkedFor({ ...base, digest: parking.digest }, stamp, parking));
}

function parkedFor(record: RunRecord, { now }: Stamp, parking: Parking): RunRecord {
  const { pause: _pause, ...rest } = record;
  const known = [record.approval].find((approval) => approval?.digest === parking.digest);
  const { since = now, decisions = [] } = known ?? {};
  return { ...rest, status: 'awaiting_approval', approval: { ...parking, since, decisions } };
}

/** `position` says the how-manieth decision it is, so that one that is written again takes its own place. */
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

/** The run is paused before a step, or goes on. */
export function markRecord(current: RunRecord, stamp: Stamp, state: Pause | 'running'): RunRecord {
  return change(current, stamp, ({ pause: _pause, ...base }) =>
    state === 'running' ? { ...base, status: 'running' } : { ...base, status: 'paused', pause: state },
  );
}

/** The first end stands. */
export function endRecord(
  current: RunRecord,
  stamp: Stamp,
  { settlement, account }: { readonly settlement: Settlement; readonly account: Account },
): RunRecord {
  return change(current, stamp, ({ pause: _pause, frozen: _frozen, ...base }) => {
    const { succeeded, undoings = [] } = account;
    const charged = base.steps.filter(({ number }) => succeeded.includes(number));
    return {
      ...base,
      ...endOf(settlement),
      ...(base.cost === undefined ? {} : { cost: base.claim === undefined ? 0 : costOf(charged) }),
      ...(succeeded.length === 0 ? {} : { succeeded }),
      ...(undoings.length === 0 ? {} : { undoings }),
      endedAt: stamp.now,
    };
  });
}

/** How the run of a record that has ended did end; of one that has not, nobody asks. */
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
      return { status: 'cancelled' };
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
      return { status: 'cancelled', reason: 'run_cancelled' };
  }
}

/** Of a worker that stalled nothing is taken once another has settled the same execution. */
function change(current: RunRecord, stamp: Stamp, make: (base: RunRecord) => RunRecord): RunRecord {
  const { executionId } = stamp;
  if (current.executionId !== executionId) return { ...make(reopened(current)), executionId };
  return current.endedAt === undefined ? make(current) : current;
}

/** As it was before it ended, for the execution that a reset has made. */
function reopened(record: RunRecord): RunRecord {
  const {
    reason: _r,
    policy: _p,
    output: _o,
    error: _e,
    endedAt: _d,
    succeeded: _s,
    undoings: _u,
    ...rest
  } = record;
  return rest;
}

function planned({ digest, warnings }: Ready): Partial<RunRecord> {
  return { digest, ...(warnings.length === 0 ? {} : { warnings }) };
}

function stepRecords({ plan }: Ready, { origin }: RunRecord, stepCost: number): readonly StepRecord[] {
  const paid = new Set(stepsFrom(plan, origin?.from));
  return stepsOf(plan).map((step) => stepRecord(step, paid.has(step) ? (step.cost ?? stepCost) : undefined));
}

function stepRecord({ number, skill, hash, sideEffects }: FrozenStep, cost: number | undefined): StepRecord {
  return {
    number,
    skill,
    hash,
    ...(sideEffects === undefined ? {} : { sideEffects }),
    ...(cost === undefined ? {} : { cost }),
  };
}

function costOf(steps: readonly StepRecord[]): number {
  return steps.reduce((sum, { cost = 0 }) => sum + cost, 0);
}

/** Without what only the decision needs. */
function recordedPrincipal({ subject, roles, via }: Principal): RecordedPrincipal {
  return { subject, roles, via };
}

/** What a run is called: its skill, or `pipeline` where there are several. */
export function subjectOf(request: Pick<RunRequest, 'plan'>): string {
  const steps = stepsOf(request.plan);
  return steps.length === 1 && steps[0] !== undefined ? steps[0].skill : 'pipeline';
}
