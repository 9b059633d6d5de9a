/** What people say to a run, weighed and recorded: decisions, edits and pauses. */
import { Context } from '@temporalio/activity';
import { UNKNOWN_ACTOR } from '../core/audit.ts';
import type { AuditActor } from '../core/audit.ts';
import { approvalFor } from '../core/approval-policy.ts';
import { weigh } from '../core/approval-decision.ts';
import type { ApprovalRequirement, RecordedDecision } from '../core/approval.ts';
import { uncarry } from '../adapters/carrying.ts';
import { canonicalJson, sha256 } from '../core/digest.ts';
import { SkillosError } from '../core/errors.ts';
import { findSkill } from '../core/find-skill.ts';
import type { JsonValue } from '../core/json.ts';
import type { FrozenStep } from '../core/plan.ts';
import { decideRecord, markRecord, parkBeforeStep } from '../core/run-record.ts';
import type { Pause, RunRequest } from '../core/run.ts';
import type { Amended, Change, Marked, Offer, Weighed } from '../workflows/messages.ts';
import { auditRun } from './audit.ts';
import { currentExecution } from './execution.ts';
import type { WorkerPorts } from './ports.ts';
import { stampNow, writeRecord } from './run-record.ts';

const ACTIONS = { approved: 'approval_approved', denied: 'approval_denied' } as const;

/** Judges one decision by the policies and the token of this moment; it is kept whether it counts or not. */
export async function weighDecision(ports: WorkerPorts, request: RunRequest, offer: Offer): Promise<Weighed> {
  const { requirement, digest, decision, position } = offer;
  const stamp = stampNow(ports);
  const ruling = weigh({
    requirement,
    digest,
    decision,
    runId: currentExecution().id,
    requester: request.principal,
    tenant: request.tenant,
    file: await ports.policies.permissions(),
    trust: ports.trust,
    approvalToken: ports.approvalToken,
  });
  const recorded: RecordedDecision = {
    decision: decision.decision,
    subject: decision.via === 'signal' ? '' : decision.principal.subject,
    via: decision.via,
    at: stamp.now,
    ...(decision.comment === undefined ? {} : { comment: decision.comment }),
    counted: ruling.counted,
    ...(ruling.counted ? {} : { reason: ruling.reason }),
  };
  await Promise.all([
    writeRecord(ports, request, (current) => decideRecord(current, stamp, { decision: recorded, position })),
    auditRun(ports, request, {
      action: ruling.counted ? ACTIONS[decision.decision] : 'approval_ignored',
      way: decision.via,
      actor: actorOf(decision),
      position,
      digest,
      policy: requirement.policy,
      ...requestOf(decision),
      ...(decision.comment === undefined ? {} : { comment: decision.comment }),
      ...(ruling.counted ? {} : { reason: ruling.code }),
    }),
  ]);
  return ruling.counted ? recorded : { ...recorded, code: ruling.code };
}

/** By which HTTP request it came, where it did. */
function requestOf(decision: Offer['decision']): { readonly request_id?: string } {
  if (decision.via === 'signal' || decision.requestId === undefined) return {};
  return { request_id: decision.requestId };
}

function actorOf(decision: Offer['decision']): AuditActor {
  if (decision.via === 'signal') return UNKNOWN_ACTOR;
  const { subject, roles, via } = decision.principal;
  return { subject, roles, via };
}

/** Another input makes another digest; where people must approve, the run is recorded as waiting for them. */
export async function amendPlan(ports: WorkerPorts, request: RunRequest, change: Change): Promise<Amended> {
  const { step, input, because } = change;
  const digest = sha256(canonicalJson({ digest: change.digest, step: step.number, input }));
  const stamp = stampNow(ports);
  const approval = change.approved ?? (await approvalOf(ports, step, await uncarry(input, ports.blobs)));
  if (because === 'edit') {
    await auditRun(ports, request, {
      action: 'run_edited',
      digest,
      position: step.number,
      before: change.digest,
      after: { step: step.number },
    });
  }
  if (approval === undefined) return { digest };
  const parking = { requirement: approval, digest, input, step: step.number };
  await Promise.all([
    writeRecord(ports, request, (current) => parkBeforeStep(current, stamp, parking)),
    auditRun(ports, request, {
      action: 'run_parked',
      policy: approval.policy,
      digest,
      position: step.number,
    }),
  ]);
  return { digest, approval };
}

/** What must be approved before the step runs with this input; where the policies cannot be read, it does not run. */
async function approvalOf(
  ports: WorkerPorts,
  { skill }: FrozenStep,
  payload: JsonValue,
): Promise<ApprovalRequirement | undefined> {
  const verdict = approvalFor({
    entries: [await findSkill(ports.catalogs, skill)],
    payload,
    file: await ports.policies.approvals(),
    production: ports.trust.production,
    hasToken: ports.approvalToken !== undefined,
  });
  if (verdict.kind === 'deny') throw new SkillosError(verdict.reason, verdict.message);
  return verdict.kind === 'allow' ? undefined : verdict.requirement;
}

export async function markRun(
  ports: WorkerPorts,
  request: RunRequest,
  state: Pause | 'running',
): Promise<Marked> {
  const stamp = stampNow(ports);
  await writeRecord(ports, request, (current) => markRecord(current, stamp, state));
  return state === 'running' ? {} : { step: state.step };
}

/** A workflow cannot ask for its own cancellation. */
export async function abortRun(): Promise<void> {
  const { id, executionId } = currentExecution();
  await Context.current().client.workflow.getHandle(id, executionId).cancel();
}
