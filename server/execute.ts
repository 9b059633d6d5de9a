/** Running what a request asks for, and waiting for it as long as the request says. */
import { decide, runToDecide } from '../client/approvals.ts';
import { awaitRun } from '../client/await-run.ts';
import type { Temporal } from '../client/connection.ts';
import { previewRun } from '../client/preview.ts';
import { ensureRecord, readRun } from '../client/run-parts.ts';
import { checkAsk, startRun, webUrl } from '../client/runs.ts';
import type { Ask } from '../client/runs.ts';
import { SkillosError, isSkillosError } from '../core/errors.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { verdictOf } from '../core/outcome.ts';
import type { Status } from '../core/outcome.ts';
import { previewDocument } from '../core/preview.ts';
import { runDocument } from '../core/run-document.ts';
import { runKey } from '../core/run-id.ts';
import type { RunRecord, RunStatus } from '../core/run.ts';
import type { Call, Reply } from './endpoint.ts';
import type { ExecutionRequest } from './schemas/runs.ts';
import type { Services } from './services.ts';

/** What is to be run, by whatever way it was found. */
export interface Execution {
  readonly plan: Ask['plan'];
  readonly payload: JsonValue;
  /** As at the command line: keys of one operation mean nothing to another. */
  readonly operation: 'run' | 'run-skill' | 'pipeline run' | 'runs rerun';
  readonly query?: string;
  /** More fields of the document. */
  readonly document?: JsonObject;
  /** What a repeated run takes over from its origin, unless the request says otherwise. */
  readonly repeated?: Pick<Ask, 'origin' | 'maxRetries' | 'noRollback'>;
  readonly onStarted?: (runId: string) => Promise<void>;
}

type RunCall = Call<unknown, ExecutionRequest>;

const UNDER_WAY: ReadonlySet<RunStatus> = new Set(['queued', 'running']);

/** Rejects with the mistake in the ask before anything is started. */
export async function execute(call: RunCall, execution: Execution): Promise<Reply> {
  const { body, services } = call;
  const { document = {} } = execution;
  const ask = await askOf(call, execution);
  await checkAsk(services.ports, ask, await call.rights(body.role));
  if (body.dry_run) return reply({ ...(await previewOf(services, ask)), ...document });
  if (body.expected_digest !== undefined) await checkDigest(services, ask);
  const began = performance.now();
  const { runId, isReplayed } = await services.temporal.use((temporal) =>
    startRun(services.ports, temporal, ask),
  );
  if (!isReplayed) await execution.onStarted?.(runId);
  const run = await endOf(call, runId).catch((error: unknown) => goesOn(services, runId, error));
  const { status, reason } = run as { status: RunStatus; reason?: string };
  services.metrics.runAnswered({ status, reason, seconds: (performance.now() - began) / 1000 });
  return reply({ ...run, ...document, ...(isReplayed ? { replayed: true } : {}) });
}

async function askOf(call: RunCall, execution: Execution): Promise<Ask> {
  const { body, services, header, runTag } = call;
  const { principal, tenant } = await call.rights(body.role);
  const { plan, payload, query, operation, repeated } = execution;
  const key = header('Idempotency-Key');
  const ttlSeconds = services.config.idempotencyTtlSeconds;
  return {
    ...repeated,
    plan,
    payload,
    principal,
    tenant,
    ...(query === undefined ? {} : { query }),
    ...(runTag === undefined ? {} : { requestId: runTag }),
    ...(body.max_retries === undefined ? {} : { maxRetries: body.max_retries }),
    ...(body.expected_digest === undefined ? {} : { expectedDigest: body.expected_digest }),
    ...(body.step_through ? { stepThrough: true } : {}),
    ...(body.rollback ? {} : { noRollback: true }),
    ...(key === undefined ? {} : { idempotency: { key, operation, ttlSeconds } }),
  };
}

async function previewOf({ ports, previews }: Services, ask: Ask): Promise<JsonObject> {
  const previewed = await previewRun(ports, previews, ask);
  if (previewed.status === 'ready') return previewDocument(previewed.preview, previewed.request);
  const { reason, policy, message } = previewed;
  const error = { code: reason, message };
  return { schema: 'skillos.run/v1', status: 'blocked', reason, policy, error, steps: [] };
}

/** Before anything starts; the worker looks again. */
async function checkDigest({ ports, previews }: Services, ask: Ask): Promise<void> {
  const previewed = await previewRun(ports, previews, ask);
  if (previewed.status === 'blocked' || previewed.preview.prepared.digest === ask.expectedDigest) return;
  throw new SkillosError('plan_changed', 'The plan is another one than "expected_digest" names', {
    hint: 'Make the plan anew with dry_run and look at it',
  });
}

async function endOf(call: RunCall, runId: string): Promise<JsonObject> {
  const { temporal } = call.services;
  await temporal.hold((connected) => waitFor(call, connected, runId));
  return temporal.use((connected) => documentOf(call.services, connected, runId));
}

/** A run that has been started is never told as refused: who asked would start another one. */
async function goesOn({ ports }: Services, runId: string, error: unknown): Promise<JsonObject> {
  if (!isSkillosError(error, 'engine_unreachable')) throw error;
  const record = (await ports.records.get('runs', runKey(runId))) as RunRecord | undefined;
  const status = record?.status ?? 'queued';
  if (!UNDER_WAY.has(status)) return runDocument(await readRun(ports, undefined, runId));
  return { schema: 'skillos.run/v1', run_id: runId, status, steps: [] };
}

/** A caller who brought a decision waits on, where it was final. */
async function waitFor(call: RunCall, temporal: Temporal, runId: string): Promise<void> {
  const { body, services } = call;
  if (body.wait_seconds === 0) return;
  const { ports } = services;
  const patience = AbortSignal.any([call.signal(), AbortSignal.timeout(Math.ceil(body.wait_seconds * 1000))]);
  await awaitRun(ports, temporal, { runId, signal: patience, isParkedEnough: true });
  if (body.approval === undefined || patience.aborted) return;
  const { status } = await ensureRecord(ports, temporal, runId);
  if (status !== 'awaiting_approval') return;
  const actor = { rights: await call.rights(body.role), way: 'api', requestId: call.requestId } as const;
  const ask = { actor, runId, decision: body.approval, token: call.header('X-Approval-Token') };
  const { outcome } = await decide(ports, temporal, { ask, run: await runToDecide(ports, ask) });
  if (outcome === 'pending') return;
  await awaitRun(ports, temporal, { runId, signal: patience, isParkedEnough: false });
}

/** A run under way is told as the CLI tells one that it leaves. */
async function documentOf({ ports }: Services, temporal: Temporal, runId: string): Promise<JsonObject> {
  const { status } = await ensureRecord(ports, temporal, runId);
  if (!UNDER_WAY.has(status)) return runDocument(await readRun(ports, temporal, runId));
  const url = webUrl(temporal.target, runId);
  const where = url === undefined ? {} : { url };
  return { schema: 'skillos.run/v1', run_id: runId, status, steps: [], ...where };
}

/** The status of the reply is that of the run; one that goes on says where it is found. */
function reply(document: JsonObject): Reply {
  const { run_id: runId, status, reason, replayed } = document as RunWords;
  const { http } = verdictOf(status, reason);
  const headers = {
    ...(http === 202 ? { Location: `/runs/${runId}` } : {}),
    ...(replayed ? { 'Idempotency-Replayed': 'true' } : {}),
  };
  return { status: http, json: document, headers };
}

type RunWords = {
  readonly run_id?: string;
  readonly status: Status;
  readonly reason?: string;
  readonly replayed?: boolean;
};
