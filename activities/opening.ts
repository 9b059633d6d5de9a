/** The beginning of a run of one step, inside the activity of that step. */
import { runKey } from '../core/run-id.ts';
import type { RunRecord, SingleRequest } from '../core/run.ts';
import { hasTerms } from '../core/terms.ts';
import type { OpeningInput, StepInput } from '../workflows/messages.ts';
import { auditAllowed, claimRun } from './claim.ts';
import { decide } from './decide.ts';
import { currentExecution } from './execution.ts';
import { heldBack } from './failures.ts';
import type { WorkerPorts } from './ports.ts';
import { tellPrepared } from './telemetry.ts';

type Begun = Required<Pick<RunRecord, 'claim' | 'frozen'>>;

/** `attempt` counts from 1. Rejects with what holds the run back; after any other rejection it may be called again. */
export async function openStep(
  ports: WorkerPorts,
  { opens: request, attemptsBefore }: OpeningInput,
  attempt: number,
): Promise<StepInput> {
  const earlier = attempt > 1 ? await begunEarlier(ports, request) : undefined;
  const { frozen: step, claim } = earlier ?? (await begin(ports, request));
  const { subject, roles } = request.principal;
  return {
    step,
    payload: step.payload ?? request.payload,
    principal: { subject, roles },
    attemptsBefore,
    tier: claim.tier,
    last: { claim, succeeded: [] },
  };
}

/** What an attempt before this one has frozen. It may have ended before it told the audit log. */
async function begunEarlier(ports: WorkerPorts, request: SingleRequest): Promise<Begun | undefined> {
  const { id, executionId } = currentExecution();
  const record = (await ports.records.get('runs', runKey(id))) as RunRecord | undefined;
  if (record?.executionId !== executionId || record.endedAt !== undefined) return undefined;
  const { claim, frozen, digest } = record;
  if (claim === undefined || frozen === undefined || digest === undefined) return undefined;
  await auditAllowed(ports, request, digest);
  return { claim, frozen };
}

async function begin(ports: WorkerPorts, request: SingleRequest): Promise<Begun> {
  const decided = await decide(ports, request);
  if (decided.status !== 'ready' || decided.approval !== undefined) throw heldBack(decided);
  const { plan } = decided;
  if (plan.kind !== 'step' || !hasTerms(plan.step, request.terms)) throw heldBack(decided);
  const claim = await claimRun(ports, request, decided);
  if ('status' in claim) throw heldBack(claim);
  tellPrepared(ports, request, { ...decided, claim });
  return { claim, frozen: plan.step };
}
