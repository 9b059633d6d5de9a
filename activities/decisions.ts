/** Evaluates and records decisions, edits and pauses of a run. */
import { Context } from '@temporalio/activity';
import { UNKNOWN_ACTOR } from '../core/telemetry/audit.ts';
import type { AuditActor, AuditWay } from '../core/telemetry/audit.ts';
import { approvalBeforeStep, approvalFor } from '../core/approvals/approval-policy.ts';
import { evaluateDecision } from '../core/approvals/approval-decision.ts';
import { mergeRequirements, tally } from '../core/approvals/approval.ts';
import { parseSignalText } from '../core/approvals/signal-code.ts';
import type { ApprovalRequirement, RecordedDecision } from '../core/approvals/approval.ts';
import { uncarry } from '../adapters/storage/carrying.ts';
import { SkillosError } from '../core/errors/errors.ts';
import { findSkill } from '../core/skills/find-skill.ts';
import { decideRecord, markRecord, parkBeforeStep } from '../core/runs/run-record.ts';
import type { Pause, RunRequest } from '../core/runs/run.ts';
import type { Amended, ApprovedChange, Change, Marked, Offer, Evaluated } from '../workflows/messages.ts';
import { auditRun } from './audit.ts';
import { notifyOf } from './events.ts';
import { currentExecution } from './execution.ts';
import { assertPermitted, digestOfChange, permitApproved, permitChange } from './authority/permits.ts';
import type { WorkerPorts } from './ports.ts';
import { catalogsOfRun } from './prepared-skills.ts';
import { recordRefusal } from './authority/refusals.ts';
import { stampNow, writeRecord } from './run-record.ts';

const ACTIONS = { approved: 'approval_approved', denied: 'approval_denied' } as const;

/** Evaluates a decision by the current policies and approval token, and records it even if it does not count. */
export async function evaluateOffer(
  ports: WorkerPorts,
  request: RunRequest,
  offer: Offer,
): Promise<Evaluated> {
  const { requirement, digest, decision, position } = offer;
  const comment = commentIn(decision);
  const { id: runId, executionId } = currentExecution();
  const stamp = stampNow(ports);
  const ruling = evaluateDecision({
    requirement,
    digest,
    decision,
    runId,
    executionId,
    requester: request.principal,
    tenant: request.tenant,
    file: await ports.policies.permissions(),
    trust: ports.trust,
    approvalToken: ports.approvalToken,
  });
  if (!ruling.counted && (ruling.code === 'work_refused' || ruling.code === 'run_replayed')) {
    await recordRefusal(ports, ruling.code, ruling.reason);
  }
  const recorded: RecordedDecision = {
    decision: decision.decision,
    subject: decision.via === 'signal' ? '' : decision.principal.subject,
    via: decision.via,
    at: stamp.now,
    ...(comment === undefined ? {} : { comment }),
    counted: ruling.counted,
    ...(ruling.counted ? {} : { reason: ruling.reason }),
  };
  const [record] = await Promise.all([
    writeRecord(ports, request, (current) => decideRecord(current, stamp, { decision: recorded, position })),
    auditRun(ports, request, {
      action: ruling.counted ? ACTIONS[decision.decision] : 'approval_ignored',
      way: decision.via,
      actor: actorOf(decision),
      position,
      digest,
      policy: requirement.policy,
      ...requestOf(decision),
      ...(comment === undefined ? {} : { comment }),
      ...(ruling.counted ? {} : { reason: ruling.code }),
    }),
  ]);
  if (ruling.counted && tally(requirement, record.approval?.decisions ?? []) !== 'pending')
    notifyOf(ports, record);
  return ruling.counted ? recorded : { ...recorded, code: ruling.code };
}

/** The code of a signal is not recorded. */
function commentIn({ via, comment }: Offer['decision']): string | undefined {
  return via === 'signal' ? parseSignalText(comment).comment : comment;
}

/** Id of the HTTP request with the decision, if there was one. */
function requestOf(decision: Offer['decision']): { readonly request_id?: string } {
  if (decision.via === 'signal' || decision.requestId === undefined) return {};
  return { request_id: decision.requestId };
}

function actorOf(decision: Offer['decision']): AuditActor {
  if (decision.via === 'signal') return UNKNOWN_ACTOR;
  const { subject, roles, via } = decision.principal;
  return { subject, roles, via };
}

/** Another input makes another digest. If the changed plan requires approval, the run is recorded as waiting for it. */
export async function amendPlan(ports: WorkerPorts, request: RunRequest, change: Change): Promise<Amended> {
  const { step, input, because } = change;
  await assertPermitted(ports, request, change);
  const digest = digestOfChange(change);
  const stamp = stampNow(ports);
  const approval = await requirementOf(ports, request, change);
  if (because === 'edit') {
    await auditRun(ports, request, {
      action: 'run_edited',
      ...editorOf(change),
      digest,
      position: step.number,
      before: change.digest,
      after: { step: step.number },
    });
  }
  if (approval === undefined) {
    // An input that needs no approval changes neither the plan nor its permit.
    if (because === 'policy') return { digest: change.digest };
    return { digest, ...permitChange(ports, request, change) };
  }
  const parking = { requirement: approval, digest, input, step: step.number };
  const [record] = await Promise.all([
    writeRecord(ports, request, (current) => parkBeforeStep(current, stamp, parking)),
    auditRun(ports, request, {
      action: 'run_parked',
      policy: approval.policy,
      digest,
      position: step.number,
    }),
  ]);
  notifyOf(ports, record);
  return { digest, approval, ...(because === 'risk' ? {} : { step: step.number }) };
}

/**
 * An edit additionally requires the approval under which the run was approved; for inputs of later steps that
 * approval does not count.
 */
async function requirementOf(
  ports: WorkerPorts,
  request: RunRequest,
  change: Change,
): Promise<ApprovalRequirement | undefined> {
  const { because, approved, edit } = change;
  const own = await approvalOf(ports, request, change);
  if (because !== 'edit') return own;
  const required = approved === undefined ? own : mergeRequirements(approved, own);
  const editor = edit?.sent?.principal.subject;
  return required === undefined || editor === undefined ? required : { ...required, editedBy: editor };
}

/** The sender of a signal is unknown. */
function editorOf({ edit }: Change): { readonly actor: AuditActor; readonly way: AuditWay } {
  if (edit?.sent === undefined) return { actor: UNKNOWN_ACTOR, way: 'signal' };
  const { principal, via: way } = edit.sent;
  const { subject, roles, via } = principal;
  return { actor: { subject, roles, via }, way };
}

/** The approval that the step requires with this input. Rejects if the policies cannot be read. */
async function approvalOf(
  ports: WorkerPorts,
  { principal, tenant }: RunRequest,
  { step: { skill }, input, because }: Change,
): Promise<ApprovalRequirement | undefined> {
  const payload = await uncarry(input, ports.blobs);
  const decide = because === 'policy' ? approvalBeforeStep : approvalFor;
  const verdict = decide({
    entries: [await findSkill(await catalogsOfRun(ports), skill)],
    payload,
    inputs: new Map([[skill, [payload]]]),
    caller: { principal, tenant },
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
  { state, approved }: { readonly state: Pause | 'running'; readonly approved?: ApprovedChange | undefined },
): Promise<Marked> {
  const stamp = stampNow(ports);
  const permit = approved === undefined ? {} : await permitApproved(ports, request, approved);
  await writeRecord(ports, request, (current) => markRecord(current, stamp, state));
  return state === 'running' ? permit : { step: state.step };
}

/** Requests the cancellation of the run, which a workflow cannot do itself. */
export async function abortRun(): Promise<void> {
  const { id, executionId } = currentExecution();
  await Context.current().client.workflow.getHandle(id, executionId).cancel();
}
