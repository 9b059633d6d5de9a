/** What waits for a decision, and deciding. */
import { decide, listPending, runToDecide } from '../../client/approvals.ts';
import type { DecisionWord } from '../../core/approval.ts';
import { SkillosError } from '../../core/errors.ts';
import { approvalsPage } from './approval-views.ts';
import { runPath } from './page.ts';
import { redirect } from './reply.ts';
import type { PageReply } from './reply.ts';
import { actorOf, formOf, pageAfter, rightsOf } from './visit.ts';
import type { Visit } from './visit.ts';

const SHOWN = 50;

export async function showApprovals(visit: Visit): Promise<PageReply> {
  const { ports } = visit.services;
  const rights = await rightsOf(visit);
  const { items, next } = await listPending(ports, rights, { limit: SHOWN, ...pageAfter(visit) });
  return { status: 200, page: approvalsPage(items, ports.now(), next) };
}

/** About the plan that the page showed, and about no other. */
export async function takeDecision(visit: Visit, runId: string): Promise<PageReply> {
  const { decision, digest, comment, approval_token: token } = await formOf(visit, FIELDS);
  if (!isDecision(decision) || !digest) {
    throw new SkillosError('request_invalid', 'Expected a decision, approved or denied, about a plan');
  }
  const { ports, temporal } = visit.services;
  const actor = await actorOf(visit);
  const ask = { actor, runId, decision, digest, comment, ...(token && { token }) };
  const run = await runToDecide(ports, ask);
  await temporal.use((connected) => decide(ports, connected, { ask, run }));
  return redirect(runPath(runId));
}

const FIELDS = ['decision', 'digest', 'comment', 'approval_token'] as const;

function isDecision(given: string | undefined): given is DecisionWord {
  return given === 'approved' || given === 'denied';
}
