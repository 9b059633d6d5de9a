import { decide, listPending, runToDecide, showApproval } from '../../client/approvals/approvals.ts';
import { approvalDocument, approvalItem } from '../../core/runs/approval-document.ts';
import type { DecisionWord } from '../../core/approvals/approval.ts';
import { parseRunId } from '../../core/values/run-id.ts';
import { endpoint } from '../http/endpoint.ts';
import type { Endpoint } from '../http/endpoint.ts';
import {
  approvalDetail,
  approvalPage,
  approvalQuery,
  decision,
  decisionRequest,
} from '../schemas/approvals.ts';

const getApprovals = endpoint({
  method: 'GET',
  path: '/approvals',
  id: 'listApprovals',
  tag: 'Approvals',
  summary: 'List the runs that wait for an approval, newest first',
  access: 'caller',
  query: approvalQuery,
  replies: { 200: { description: 'Runs that the caller may read or decide.', schema: approvalPage } },
  handle: async ({ query: { limit, after }, services, rights }) => {
    const page = { limit, ...(after === undefined ? {} : { after }) };
    const { items, next } = await listPending(services.ports, await rights(), page);
    const more = next === undefined ? {} : { next };
    return { json: { schema: 'skillos.approvals/v1', items: items.map(approvalItem), ...more } };
  },
});

const getApproval = endpoint({
  method: 'GET',
  path: '/approvals/:run',
  id: 'getApproval',
  tag: 'Approvals',
  summary: 'Show an approval request: plan, input, side effects, cost, requester and approvers',
  access: 'caller',
  replies: { 200: { description: 'The approval request, also after its decision.', schema: approvalDetail } },
  handle: async ({ params, services, rights }) => {
    const runId = parseRunId(params['run'] ?? '');
    const { run, input } = await showApproval(services.ports, await rights(), runId);
    return { json: approvalDocument(run, input) };
  },
});

const approve = decisionEndpoint('approved', {
  action: 'approve',
  id: 'approveRun',
  summary: 'Approve a run that waits; it continues with the plan that was shown',
});

const deny = decisionEndpoint('denied', {
  action: 'deny',
  id: 'denyRun',
  summary: 'Deny a run that waits; it ends blocked, and none of its waiting steps run',
});

function decisionEndpoint(
  word: DecisionWord,
  { action, id, summary }: { readonly action: string; readonly id: string; readonly summary: string },
): Endpoint {
  return endpoint({
    method: 'POST',
    path: `/runs/:run/${action}`,
    id,
    tag: 'Approvals',
    summary,
    access: 'caller',
    body: decisionRequest,
    headers: { 'X-Approval-Token': 'The approval token; required if one is configured.' },
    replies: {
      200: {
        description: 'The decision is recorded; `outcome` is the state of the approval.',
        schema: decision,
      },
    },
    handle: async ({ params, body, header, services, rights, requestId }) => {
      const { ports, temporal } = services;
      const ask = {
        actor: { rights: await rights(body.role), way: 'api', requestId },
        runId: parseRunId(params['run'] ?? ''),
        decision: word,
        comment: body.comment,
        digest: body.plan_digest,
        token: header('X-Approval-Token'),
      } as const;
      const run = await runToDecide(ports, ask);
      const { outcome, approvals } = await temporal.hold((connected) =>
        decide(ports, connected, { ask, run }),
      );
      const needed = run.approval.requirement.nOf;
      return {
        json: { schema: 'skillos.decision/v1', run_id: run.id, decision: word, outcome, approvals, needed },
      };
    },
  });
}

export const APPROVALS: readonly Endpoint[] = [getApprovals, getApproval, approve, deny];
