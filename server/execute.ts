/** Starting a run for a request, and waiting for it as long as the request says. */
import { awaitRun } from '../client/await-run.ts';
import type { Temporal } from '../client/connection.ts';
import { ensureRecord, readRun } from '../client/run-parts.ts';
import { checkAsk, startRun, webUrl } from '../client/runs.ts';
import type { Ask } from '../client/runs.ts';
import type { JsonObject } from '../core/json.ts';
import { verdictOf } from '../core/outcome.ts';
import { runDocument } from '../core/run-document.ts';
import type { RunStatus } from '../core/run.ts';
import type { Reply } from './endpoint.ts';
import type { Services } from './services.ts';

interface Execution {
  readonly ask: Ask;
  readonly waitSeconds: number;
  /** Aborts when nobody waits any more; the run goes on. */
  readonly signal: AbortSignal;
  /** More fields of the document. */
  readonly document?: JsonObject;
}

const UNDER_WAY: ReadonlySet<RunStatus> = new Set(['queued', 'running']);

/** Rejects with the mistake in the ask before anything is started. */
export async function execute(services: Services, execution: Execution): Promise<Reply> {
  const { ports, temporal, metrics } = services;
  const { ask, waitSeconds, signal } = execution;
  const began = performance.now();
  await checkAsk(ports, ask);
  return temporal.use(async (connected) => {
    const { runId } = await startRun(ports, connected, ask);
    if (waitSeconds > 0) {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(waitSeconds * 1000)]);
      await awaitRun(ports, connected, { runId, signal: patience });
    }
    const document = await documentOf(services, connected, runId);
    const { status, reason } = document as { status: RunStatus; reason?: string };
    metrics.runAnswered({ status, reason, seconds: (performance.now() - began) / 1000 });
    return runReply({ ...document, ...execution.document });
  });
}

/** The status of the reply is that of the run; one that goes on says where it is found. */
export function runReply(document: JsonObject): Reply {
  const {
    run_id: runId,
    status,
    reason,
  } = document as { run_id: string; status: RunStatus; reason?: string };
  const { http } = verdictOf(status, reason);
  const headers = { Location: `/runs/${runId}` };
  return { status: http, json: document, ...(http === 202 ? { headers } : {}) };
}

/** A run under way is told as the CLI tells one that it leaves. */
async function documentOf({ ports }: Services, temporal: Temporal, runId: string): Promise<JsonObject> {
  const { status } = await ensureRecord(ports, temporal, runId);
  if (!UNDER_WAY.has(status)) return runDocument(await readRun(ports, temporal, runId));
  const url = webUrl(temporal.target, runId);
  return {
    schema: 'skillos.run/v1',
    run_id: runId,
    status,
    steps: [],
    ...(url === undefined ? {} : { url }),
  };
}
