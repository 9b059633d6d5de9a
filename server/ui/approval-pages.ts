/** Handlers of the approvals page and of the decision form. */
import { decide, listPending, runToDecide } from '../../client/approvals/approvals.ts';
import type { DecisionWord } from '../../core/approvals/approval.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { approvalsPage } from './approval-views.ts';
import { runPath } from './page.ts';
import { redirect } from './reply.ts';
import type { PageReply } from './reply.ts';
import { actorOf, formOf, pageAfter, rightsOf } from './page-request.ts';
import type { PageRequest } from './page-request.ts';

const SHOWN = 50;

export async function showApprovals(request: PageRequest): Promise<PageReply> {
  const { ports } = request.services;
  const rights = await rightsOf(request);
  const { items, next } = await listPending(ports, rights, { limit: SHOWN, ...pageAfter(request) });
  return { status: 200, page: approvalsPage(items, ports.now(), next) };
}

/** Decides only on the plan that the page showed: the form carries its digest. */
export async function takeDecision(request: PageRequest, runId: string): Promise<PageReply> {
  const { decision, digest, comment, approval_token: token } = await formOf(request, FIELDS);
  if (!isDecision(decision) || !digest) {
    throw new SkillosError('request_invalid', 'Expected the fields decision (approved or denied) and digest');
  }
  const { ports, temporal } = request.services;
  const actor = await actorOf(request);
  const ask = { actor, runId, decision, digest, comment, ...(token && { token }) };
  const run = await runToDecide(ports, ask);
  await temporal.use((connected) => decide(ports, connected, { ask, run }));
  return redirect(runPath(runId));
}

const FIELDS = ['decision', 'digest', 'comment', 'approval_token'] as const;

function isDecision(given: string | undefined): given is DecisionWord {
  return given === 'approved' || given === 'denied';
}
