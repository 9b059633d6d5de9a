/** Lists, shows and decides runs that wait for an approval. */
import { mayDecide } from '../../core/approvals/approval-decision.ts';
import { proofOf } from '../../core/approvals/approval-proof.ts';
import { MAX_COMMENT_LENGTH, commentOf } from '../../core/approvals/approval.ts';
import type { Decision, DecisionWord } from '../../core/approvals/approval.ts';
import { signalCode } from '../../core/approvals/signal-code.ts';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import { mayOperate } from '../../core/rights/operations.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import { decidedOrFinished, approvalCount, hasApproval } from '../../core/runs/run-approval.ts';
import type { RunWithApproval } from '../../core/runs/run-approval.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import type { Temporal } from '../temporal/connection.ts';
import type { ClientPorts } from '../ports.ts';
import { demandOf, findRun, ofTenant, pageOf } from '../runs/run-records.ts';
import type { Page } from '../runs/run-records.ts';

/** Lists waiting runs that the caller may read or decide, newest first. */
export function listPending(
  ports: Pick<ClientPorts, 'records'>,
  rights: Rights,
  page: { readonly limit: number; readonly after?: string },
): Promise<Page<RunWithApproval>> {
  const where = { tenant: [rights.tenant], status: ['awaiting_approval'] };
  return pageOf(ports, { ...page, where }, (record) =>
    hasApproval(record) && maySee(rights, record) ? record : undefined,
  );
}

/**
 * Resolves to the run and its input, also after the decision. Rejects with `unknown_run`, also if the caller may not see the
 * run, and with `run_not_waiting` if it never needed an approval. Needs no Temporal.
 */
export async function showApproval(
  ports: Pick<ClientPorts, 'records' | 'values'>,
  rights: Rights,
  runId: string,
): Promise<{ readonly run: RunWithApproval; readonly input: JsonValue }> {
  const found = ofTenant(await findRun(ports, runId), rights);
  if (!maySee(rights, found)) demandOf(found, rights, mayOperate(rights, 'runs:read', found));
  const run = parked(found);
  return { run, input: await ports.values.uncarry(run.approval.input) };
}

/** Returns the code that a signal needs; undefined if signals cannot decide the run, or the caller may not. */
export function signalCodeFor(
  run: RunWithApproval,
  rights: Rights,
  serverKey: string | undefined,
): string | undefined {
  const { requirement, digest, executionId = run.executionId } = run.approval;
  const isOpen = run.status === 'awaiting_approval' && requirement.signals;
  if (serverKey === undefined || executionId === undefined || !isOpen) return undefined;
  if (!mayDecide(rights, requirement, run.principal).isAllowed) return undefined;
  return signalCode(serverKey, { runId: run.id, executionId, digest });
}

export interface DecisionRequest {
  readonly actor: Actor & { readonly way: Decision['via'] };
  readonly runId: string;
  readonly decision: DecisionWord;
  readonly comment?: string | undefined;
  /** The approval token as the caller presented it; it never leaves this process. */
  readonly token?: string | undefined;
  /** Digest of the plan that the decider saw; default: the plan that waits now. */
  readonly digest?: string | undefined;
}

export interface Decided {
  readonly run: RunWithApproval;
  readonly outcome: DecisionWord | 'pending';
  /** Number of counted approvals after this decision. */
  readonly approvals: number;
}

/** Resolves to the waiting run if the actor may decide it; checked before Temporal is called. Rejects as `decide` does. */
export async function runToDecide(
  ports: ClientPorts,
  { actor, runId }: DecisionRequest,
): Promise<RunWithApproval> {
  const found = ofTenant(await findRun(ports, runId), actor.rights);
  if (!hasApproval(found)) demandOf(found, actor.rights, mayOperate(actor.rights, 'runs:read', found));
  const run = parked(found);
  const ruling = mayDecide(actor.rights, run.approval.requirement, run.principal);
  if (!ruling.isAllowed) {
    const { reason, policy } = ruling;
    const after = { operation: 'approvals:decide' };
    await recordAudit(ports, actor, { action: 'operation_denied', reason, policy, run: run.id, after });
  }
  demandOf(run, actor.rights, ruling);
  if (run.status !== 'awaiting_approval') throw decidedOrFinished(run);
  return run;
}

/**
 * Sends the decision; call `runToDecide` first. Rejects with `approval_decided` if another decision was final (its details
 * name it), `plan_changed`, `permission_denied`, `approval_proof_invalid`, `run_not_waiting`,
 * `run_finished`, `no_worker` or `engine_unreachable`.
 */
export async function decide(
  ports: ClientPorts,
  temporal: Temporal,
  { ask, run }: { readonly ask: DecisionRequest; readonly run: RunWithApproval },
): Promise<Decided> {
  const { sendDecision } = await import('./send-decision.ts'); // commands that only read load no Temporal client
  const decision = decisionOf(ports, ask, run);
  const { outcome } = await sendDecision(ports, temporal, { run, decision }).catch(async (error: unknown) => {
    if (isSkillosError(error, 'permission_denied')) {
      const after = { operation: 'approvals:decide' };
      await recordAudit(ports, ask.actor, {
        action: 'operation_denied',
        reason: error.code,
        run: run.id,
        after,
      });
    }
    throw error;
  });
  const now = await findRun(ports, run.id);
  return { run, outcome, approvals: hasApproval(now) ? approvalCount(now.approval) : 0 };
}

function decisionOf(ports: ClientPorts, ask: DecisionRequest, run: RunWithApproval): Decision {
  const { decision, actor, token, digest = run.approval.digest } = ask;
  const { principal, tenant } = actor.rights;
  const comment = checkedComment(ask.comment);
  const execution = run.approval.executionId ?? run.executionId;
  const proven = { runId: run.id, digest, decision, subject: principal.subject, execution };
  const unsigned: Decision = {
    decision,
    digest,
    principal,
    tenant,
    via: actor.way,
    ...(execution === undefined ? {} : { execution }),
    ...(comment === undefined ? {} : { comment }),
    ...(actor.requestId === undefined ? {} : { requestId: actor.requestId }),
    ...(token === undefined ? {} : { proof: proofOf(token, proven) }),
  };
  const signature = ports.signDecision?.(run.id, unsigned);
  return signature === undefined ? unsigned : { ...unsigned, signature };
}

function checkedComment(given: string | undefined): string | undefined {
  if (given === undefined || given.length <= MAX_COMMENT_LENGTH) return commentOf(given);
  throw new SkillosError(
    'usage',
    `Comment of ${given.length} characters: expected at most ${MAX_COMMENT_LENGTH}`,
  );
}

/** Of waiting runs also those that the caller may only decide. */
export function maySee(rights: Rights, run: RunRecord): boolean {
  if (mayOperate(rights, 'runs:read', run).isAllowed) return true;
  return hasApproval(run) && mayDecide(rights, run.approval.requirement, run.principal).isAllowed;
}

function parked(run: RunRecord): RunWithApproval {
  if (hasApproval(run)) return run;
  throw new SkillosError('run_not_waiting', `Run "${run.id}" waits for no decision: it is ${run.status}`, {
    hint: 'skillos approvals list',
  });
}
