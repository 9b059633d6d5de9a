/** Handlers of the list of runs and of a run's page. */
import { showApproval } from '../../client/approvals/approvals.ts';
import { readRun } from '../../client/runs/read-run.ts';
import { findRun, listRuns, ofTenant } from '../../client/runs/run-records.ts';
import { mayDecide } from '../../core/approvals/approval-decision.ts';
import { hasApproval } from '../../core/runs/run-approval.ts';
import { isSkillosError } from '../../core/errors/errors.ts';
import { mayOperate } from '../../core/rights/operations.ts';
import type { RunParts } from '../../core/runs/run-document.ts';
import { RUN_STATUSES } from '../../core/runs/run.ts';
import { EMPTY_TRACE } from '../../core/runs/trace.ts';
import { decisionForm, decisionList, seenFacts } from './approval-views.ts';
import type { PageReply } from './reply.ts';
import { actionsFor } from './run-actions.ts';
import { detailsFor, logFor } from './run-details.ts';
import { feedbackFor } from './run-feedback.ts';
import { runPage, runsPage } from './run-views.ts';
import type { RunSections } from './run-views.ts';
import { pageAfter, rightsOf } from './page-request.ts';
import type { PageRequest } from './page-request.ts';

const SHOWN = 50;

export async function showRuns(request: PageRequest): Promise<PageReply> {
  const { ctx, services } = request;
  const status = RUN_STATUSES.find((each) => each === ctx.query['status']);
  const { items: runs, next } = await listRuns(services.ports, {
    rights: await rightsOf(request),
    limit: SHOWN,
    ...pageAfter(request),
    ...(status && { status: [status] }),
  });
  return { status: 200, page: runsPage({ runs, next, status, now: services.ports.now() }) };
}

export async function showRun(request: PageRequest, runId: string): Promise<PageReply> {
  const { frame, services } = request;
  const { ports } = services;
  const parts = await partsOf(request, runId);
  const { record } = parts;
  const now = ports.now();
  const [actions, details, log, feedback] = await Promise.all([
    actionsFor(request, record),
    detailsFor(request, parts),
    logFor(request, record),
    feedbackFor(request, record),
  ]);
  const sections: RunSections = { actions, details, log, feedback };
  if (!hasApproval(record)) return { status: 200, page: runPage(parts, now, sections) };
  const { approval, status } = record;
  if (status !== 'awaiting_approval') {
    const decided = decisionList(approval.decisions, now);
    return { status: 200, page: runPage(parts, now, { ...sections, decided }) };
  }
  const input = await ports.values.uncarry(approval.input);
  const ruling = mayDecide(await rightsOf(request), approval.requirement, record.principal);
  const refusal = ruling.isAllowed ? undefined : ruling.message;
  const form = decisionForm({ run: record, input, frame, now, refusal });
  return { status: 200, page: runPage(parts, now, { ...sections, seen: seenFacts(record), form }) };
}

/** Reads the run with its steps for a caller who may read it; only the record for one who may only decide it. */
export async function partsOf(request: PageRequest, runId: string): Promise<RunParts> {
  const { ports, temporal } = request.services;
  const rights = await rightsOf(request);
  const record = ofTenant(await findRun(ports, runId), rights);
  if (!mayOperate(rights, 'runs:read', record).isAllowed) {
    const { run } = await showApproval(ports, rights, runId);
    return { record: run, trace: EMPTY_TRACE };
  }
  return temporal
    .use((connected) => readRun(ports, connected, runId))
    .catch((error: unknown) => {
      if (!isSkillosError(error, 'engine_unreachable')) throw error;
      return readRun(ports, undefined, runId); // the record alone shows the status
    });
}
