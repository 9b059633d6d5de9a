/** Shortcut 1 of the fast path: a single request is prepared and claimed in the activity of its step. */
import { ApplicationFailure } from '@temporalio/common';
import type { ErrorCode } from '../../core/errors/error-codes.ts';
import { hasTerms } from '../../core/preparing/terms.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import type { Prepared, RunRecord } from '../../core/runs/run.ts';
import { DEFERRED } from '../../core/runs/single-request.ts';
import type { SingleRequest } from '../../core/runs/single-request.ts';
import type { OpeningInput, StepInput } from '../../workflows/messages.ts';
import { auditAllowed, claimRun } from '../claim.ts';
import { decide } from '../decide.ts';
import { reportPrepared } from '../events.ts';
import { currentExecution } from '../execution.ts';
import type { WorkerPorts } from '../ports.ts';
import type { AttemptGuard } from '../steps/begun-step.ts';
import type { Count } from '../steps/limited-step.ts';

type Opened = Required<Pick<RunRecord, 'claim' | 'frozen'>>;

/**
 * Returns the input to call the skill with. Rejects as deferred if the run may not continue at once; after any other
 * rejection it may be repeated.
 */
export async function openRun(
  ports: WorkerPorts,
  { opens: request, attemptsBefore }: OpeningInput,
  { count, guard }: { readonly count: Count; readonly guard: AttemptGuard },
): Promise<StepInput> {
  const earlier = count.delivery > 1 ? await openedEarlier(ports, request, count) : undefined;
  const { frozen: step, claim } = earlier ?? (await prepareAndClaim(ports, request, guard));
  const { principal, session, traceparent } = request;
  const { subject, roles } = principal;
  return {
    step,
    payload: step.payload ?? request.payload,
    principal: { subject, roles },
    attemptsBefore,
    tier: claim.tier,
    last: { claim, succeeded: [] },
    ...(session === undefined ? {} : { inSession: true }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

export function isDeferred(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.details?.[0] === DEFERRED;
}

/**
 * The step that an earlier attempt has frozen and claimed. That attempt may have ended before its audit entry, unless it has
 * found no slot, which it asks for after that.
 */
async function openedEarlier(
  ports: WorkerPorts,
  request: SingleRequest,
  { waits }: Count,
): Promise<Opened | undefined> {
  const { id, executionId } = currentExecution();
  const record = await runRecords(ports.records).get(id);
  if (record?.executionId !== executionId || record.endedAt !== undefined) return undefined;
  const { claim, frozen, digest } = record;
  if (claim === undefined || frozen === undefined || digest === undefined) return undefined;
  if (waits === 0) await auditAllowed(ports, request, digest);
  return { claim, frozen };
}

async function prepareAndClaim(
  ports: WorkerPorts,
  request: SingleRequest,
  guard: AttemptGuard,
): Promise<Opened> {
  const { prepared: decided, skills } = await decide(ports, request);
  if (decided.status !== 'ready' || decided.approval !== undefined) throw deferred(decided);
  const { plan } = decided;
  if (plan.kind !== 'step' || !hasTerms(plan.step, request.terms)) throw deferred(decided);
  const claim = await claimRun(ports, request, {
    ...decided,
    frozen: plan.step,
    skills,
    recordIn: (record) => guard.recordIn(record),
  });
  if ('status' in claim) throw deferred(claim);
  reportPrepared(ports, request, { ...decided, claim });
  return { claim, frozen: plan.step };
}

/** The skill has not been called. The workflow has the run prepared, and decides by the result of that. */
export function deferred(verdict: Prepared): ApplicationFailure {
  const details = [DEFERRED];
  const failure = ApplicationFailure.create({ ...reasonOf(verdict), nonRetryable: true, details });
  failure.stack = ''; // it names this file only
  return failure;
}

/** Shown in the Web UI. */
function reasonOf(verdict: Prepared): { readonly type: ErrorCode; readonly message: string } {
  switch (verdict.status) {
    case 'blocked':
      return { type: verdict.reason, message: verdict.message };
    case 'error':
      return { type: verdict.failure.code, message: verdict.failure.message };
    case 'cancelled':
      return { type: verdict.reason ?? 'run_cancelled', message: 'The job ended before it started' };
    case 'ready':
      return verdict.approval === undefined
        ? { type: 'plan_changed', message: 'The skill has changed since its caller read the manifest' }
        : { type: 'approval_required', message: verdict.approval.reasons.join('; ') };
  }
}
