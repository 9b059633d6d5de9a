/** Runs that wait for people: listing them, showing what would happen, and deciding. */
import { mayDecide } from '../core/approval-decision.ts';
import { proofOf } from '../core/approval-proof.ts';
import { MAX_COMMENT_LENGTH, commentOf } from '../core/approval.ts';
import type { Decision, DecisionWord } from '../core/approval.ts';
import { SkillosError, isSkillosError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import { demand, mayOperate } from '../core/operations.ts';
import type { Rights } from '../core/permission-policy.ts';
import { alreadyDecided, approvalCount, isParked } from '../core/parked-run.ts';
import type { ParkedRun } from '../core/parked-run.ts';
import type { RunRecord } from '../core/run.ts';
import { recordAct } from './actor.ts';
import type { Actor } from './actor.ts';
import type { Temporal } from './connection.ts';
import type { ClientPorts } from './ports.ts';
import { findRun, ofTenant, pageOf } from './run-records.ts';
import type { Page } from './run-records.ts';

/** Newest first: what the caller may read or decide about. */
export function listPending(
  ports: Pick<ClientPorts, 'records'>,
  rights: Rights,
  page: { readonly limit: number; readonly after?: string },
): Promise<Page<ParkedRun>> {
  return pageOf(ports, page, (record) => {
    if (record.status !== 'awaiting_approval' || record.tenant !== rights.tenant) return undefined;
    return isParked(record) && maySee(rights, record) ? record : undefined;
  });
}

/**
 * The run with the input that is to be approved, also after it was decided. Rejects with `unknown_run`, with
 * `run_not_waiting` where nobody was ever asked, or with the refusal of `runs:read`. Needs no Temporal.
 */
export async function showApproval(
  ports: Pick<ClientPorts, 'records' | 'values'>,
  rights: Rights,
  runId: string,
): Promise<{ readonly run: ParkedRun; readonly input: JsonValue }> {
  const run = parked(ofTenant(await findRun(ports, runId), rights));
  if (!maySee(rights, run)) demand(mayOperate(rights, 'runs:read', run));
  return { run, input: await ports.values.uncarry(run.approval.input) };
}

export interface DecisionAsk {
  readonly actor: Actor & { readonly way: Decision['via'] };
  readonly runId: string;
  readonly decision: DecisionWord;
  readonly comment?: string | undefined;
  /** The approval token, as it was presented; it goes no further than this process. */
  readonly token?: string | undefined;
  /** Of the plan that the decider saw; without, of the one that waits now. */
  readonly digest?: string | undefined;
}

export interface Decided {
  readonly run: ParkedRun;
  readonly outcome: DecisionWord | 'pending';
  /** Approvals that the run has now. */
  readonly approvals: number;
}

/** Whether the actor may decide at all, before Temporal is asked. Rejects as `decide` does. */
export async function runToDecide(ports: ClientPorts, { actor, runId }: DecisionAsk): Promise<ParkedRun> {
  const run = parked(ofTenant(await findRun(ports, runId), actor.rights));
  const ruling = mayDecide(actor.rights, run.approval.requirement, run.principal);
  if (!ruling.isAllowed) {
    const { reason, policy } = ruling;
    const after = { operation: 'approvals:decide' };
    await recordAct(ports, actor, { action: 'operation_denied', reason, policy, run: run.id, after });
  }
  demand(ruling);
  if (run.status !== 'awaiting_approval') throw alreadyDecided(run);
  return run;
}

/**
 * Decides; `runToDecide` comes first. Rejects with `approval_decided` where another decision was final (the winner
 * stands in the details), `plan_changed`, `permission_denied`, `approval_proof_invalid`, `run_not_waiting`,
 * `run_finished`, `no_worker` or `engine_unreachable`.
 */
export async function decide(
  ports: ClientPorts,
  temporal: Temporal,
  { ask, run }: { readonly ask: DecisionAsk; readonly run: ParkedRun },
): Promise<Decided> {
  const { sendDecision } = await import('./decision.ts'); // what only reads loads nothing of Temporal
  const decision = decisionOf(ports, ask, run);
  const { outcome } = await sendDecision(ports, temporal, { run, decision }).catch(async (error: unknown) => {
    if (isSkillosError(error, 'permission_denied')) {
      const after = { operation: 'approvals:decide' };
      await recordAct(ports, ask.actor, {
        action: 'operation_denied',
        reason: error.code,
        run: run.id,
        after,
      });
    }
    throw error;
  });
  const now = await findRun(ports, run.id);
  return { run, outcome, approvals: isParked(now) ? approvalCount(now.approval) : 0 };
}

function decisionOf(ports: ClientPorts, ask: DecisionAsk, run: ParkedRun): Decision {
  const { decision, actor, token, digest = run.approval.digest } = ask;
  const { principal, tenant } = actor.rights;
  const comment = checkedComment(ask.comment);
  const proven = { runId: run.id, digest, decision, subject: principal.subject };
  const unsigned: Decision = {
    decision,
    digest,
    principal,
    tenant,
    via: actor.way,
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

function maySee(rights: Rights, run: ParkedRun): boolean {
  return (
    mayOperate(rights, 'runs:read', run).isAllowed ||
    mayDecide(rights, run.approval.requirement, run.principal).isAllowed
  );
}

function parked(run: RunRecord): ParkedRun {
  if (isParked(run)) return run;
  throw new SkillosError('run_not_waiting', `Run "${run.id}" waits for no decision: it is ${run.status}`, {
    hint: 'skillos approvals list',
  });
}
