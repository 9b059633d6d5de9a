/** Sends one decision to the run that waits for it, and returns its result. */
import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError, isGrpcServiceError } from '@temporalio/client';
import type { Decision, RecordedDecision } from '../../core/approvals/approval.ts';
import { backoffMs } from '../../core/values/backoff.ts';
import { canonicalJson, sha256 } from '../../core/values/digest.ts';
import { isSkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import { decidedOrFinished, decided } from '../../core/runs/run-approval.ts';
import type { RunWithApproval } from '../../core/runs/run-approval.ts';
import { DECIDE_UPDATE } from '../../workflows/messages.ts';
import type { DecisionResult } from '../../workflows/messages.ts';
import type { Temporal } from '../temporal/connection.ts';
import type { ClientPorts } from '../ports.ts';
import { findRun } from '../runs/run-records.ts';
import { updateRun } from '../temporal/update.ts';

/** Limit for retries while the run is busy with other decisions. */
const PATIENCE_MS = 30_000;
/** The record shows that a run waits shortly before its workflow accepts decisions; retried for this long. */
const EARLY_MS = 3000;
const BACKOFF = { firstMs: 50, maxMs: 1000 };
const RESOURCE_EXHAUSTED = 8; // gRPC status; Temporal admits ten Updates of a workflow at a time

/** Uses an Update and not a signal, because the caller needs the result: counted, refused or too late. */
export async function sendDecision(
  ports: ClientPorts,
  temporal: Temporal,
  { run, decision }: { readonly run: RunWithApproval; readonly decision: Decision },
): Promise<DecisionResult> {
  const begin = ports.now();
  const update = {
    runId: run.id,
    queue: run.queue,
    name: DECIDE_UPDATE,
    argument: decision,
    updateId: idOf(run, decision),
  };
  for (let attempt = 0; ; attempt++) {
    try {
      return await updateRun<DecisionResult>(temporal, update);
    } catch (error) {
      const waitedMs = ports.now() - begin;
      const isEarly = isSkillosError(error, 'run_not_waiting') && waitedMs < EARLY_MS;
      if (!isEarly && !(isBusy(error) && waitedMs < PATIENCE_MS)) throw await rejectionOf(ports, run, error);
    }
    await delay(backoffMs(BACKOFF, attempt, Math.random()));
  }
}

/** Derives the Update id from the decision and the number of earlier ones, so that a repeated send counts once. */
function idOf(run: RunWithApproval, decision: Decision): string {
  const seen = run.approval.decisions.length;
  return sha256(canonicalJson({ run: run.id, seen, decision } as unknown as JsonValue));
}

function isBusy(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  const code: number | undefined = isGrpcServiceError(cause) ? cause.code : undefined;
  return code === RESOURCE_EXHAUSTED;
}

/** Turns the refusal of a late decision into an error that names the winning one, also if the run has ended since. */
async function rejectionOf(ports: ClientPorts, run: RunWithApproval, error: unknown): Promise<unknown> {
  if (isSkillosError(error, 'run_finished')) {
    return decidedOrFinished({ ...run, ...(await findRun(ports, run.id)) });
  }
  if (!isSkillosError(error, 'approval_decided')) return error;
  const { word, ...by } = error.details as unknown as FinalDecision;
  return decided(run.id, word, 'at' in by ? by : undefined);
}

/** Details of `approval_decided` as the workflow sends them; an expiry has only its word. */
type FinalDecision = { readonly word: string } & (RecordedDecision | object);
