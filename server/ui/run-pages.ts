/** Runs: listed, and one shown. */
import { showApproval } from '../../client/approvals.ts';
import { readRun } from '../../client/run-parts.ts';
import { findRun, listRuns, ofTenant } from '../../client/run-records.ts';
import { isParked } from '../../core/parked-run.ts';
import { isSkillosError } from '../../core/errors.ts';
import { mayOperate } from '../../core/operations.ts';
import type { RunParts } from '../../core/run-document.ts';
import { RUN_STATUSES } from '../../core/run.ts';
import { EMPTY_TRACE } from '../../core/trace.ts';
import { decisionForm, decisionList } from './approval-views.ts';
import type { PageReply } from './reply.ts';
import { runPage, runsPage } from './run-views.ts';
import { pageAfter, rightsOf } from './visit.ts';
import type { Visit } from './visit.ts';

const SHOWN = 50;

export async function showRuns(visit: Visit): Promise<PageReply> {
  const { ctx, services } = visit;
  const status = RUN_STATUSES.find((each) => each === ctx.query['status']);
  const { items: runs, next } = await listRuns(services.ports, {
    rights: await rightsOf(visit),
    limit: SHOWN,
    ...pageAfter(visit),
    ...(status && { status: [status] }),
  });
  return { status: 200, page: runsPage({ runs, next, status, now: services.ports.now() }) };
}

export async function showRun(visit: Visit, runId: string): Promise<PageReply> {
  const { frame, services } = visit;
  const { ports } = services;
  const parts = await partsOf(visit, runId);
  const { record } = parts;
  const now = ports.now();
  if (!isParked(record)) return { status: 200, page: runPage(parts, now) };
  const { approval, status } = record;
  if (status !== 'awaiting_approval') {
    return { status: 200, page: runPage(parts, now, { decided: decisionList(approval.decisions, now) }) };
  }
  const input = await ports.values.uncarry(approval.input);
  return {
    status: 200,
    page: runPage(parts, now, { form: decisionForm({ run: record, input, frame, now }) }),
  };
}

/** All of it for who may read runs; without its steps for who may only decide about it. */
export async function partsOf(visit: Visit, runId: string): Promise<RunParts> {
  const { ports, temporal } = visit.services;
  const rights = await rightsOf(visit);
  const record = ofTenant(await findRun(ports, runId), rights);
  if (!mayOperate(rights, 'runs:read', record).isAllowed) {
    const { run } = await showApproval(ports, rights, runId);
    return { record: run, trace: EMPTY_TRACE };
  }
  return temporal
    .use((connected) => readRun(ports, connected, runId))
    .catch((error: unknown) => {
      if (!isSkillosError(error, 'engine_unreachable')) throw error;
      return readRun(ports, undefined, runId); // the record tells how it stands
    });
}
