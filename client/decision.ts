/** Sending one decision to the run that waits for it, and hearing whether it counted. */
import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError, isGrpcServiceError } from '@temporalio/client';
import type { Decision, RecordedDecision } from '../core/approval.ts';
import { canonicalJson, sha256 } from '../core/digest.ts';
import { isSkillosError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import { alreadyDecided, decided } from '../core/parked-run.ts';
import type { ParkedRun } from '../core/parked-run.ts';
import { DECIDE_UPDATE } from '../workflows/messages.ts';
import type { DecisionResult } from '../workflows/messages.ts';
import type { Temporal } from './connection.ts';
import type { ClientPorts } from './ports.ts';
import { findRun } from './run-records.ts';
import { updateRun } from './update.ts';

/** How long a decision waits for its turn. */
const PATIENCE_MS = 30_000;
/** The record says that a run waits a moment before the run itself does. */
const EARLY_MS = 3000;
const LONGEST_PAUSE_MS = 1000;
const RESOURCE_EXHAUSTED = 8; // gRPC: a run takes ten Updates at a time

/** An Update and no signal, because who decides must hear whether it counted. */
export async function sendDecision(
  ports: ClientPorts,
  temporal: Temporal,
  { run, decision }: { readonly run: ParkedRun; readonly decision: Decision },
): Promise<DecisionResult> {
  const begin = ports.now();
  const update = { runId: run.id, name: DECIDE_UPDATE, argument: decision, updateId: idOf(run, decision) };
  for (let pauseMs = 50; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await updateRun<DecisionResult>(temporal, update);
    } catch (error) {
      const waitedMs = ports.now() - begin;
      const isEarly = isSkillosError(error, 'run_not_waiting') && waitedMs < EARLY_MS;
      if (!isEarly && !(isBusy(error) && waitedMs < PATIENCE_MS)) throw await toldOf(ports, run, error);
    }
    await delay(pauseMs * (0.5 + Math.random())); // who was refused together does not come back together
  }
}

/** The same decision after the same decisions is the same: sent twice, it counts once. */
function idOf(run: ParkedRun, decision: Decision): string {
  const seen = run.approval.decisions.length;
  return sha256(canonicalJson({ run: run.id, seen, decision } as unknown as JsonValue));
}

function isBusy(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  const code: number | undefined = isGrpcServiceError(cause) ? cause.code : undefined;
  return code === RESOURCE_EXHAUSTED;
}

/** Who comes too late is told who was first, also where the run has ended since. */
async function toldOf(ports: ClientPorts, run: ParkedRun, error: unknown): Promise<unknown> {
  if (isSkillosError(error, 'run_finished')) {
    return alreadyDecided({ ...run, ...(await findRun(ports, run.id)) });
  }
  if (!isSkillosError(error, 'approval_decided')) return error;
  const { word, ...by } = error.details as unknown as Told;
  return decided(run.id, word, 'at' in by ? by : undefined);
}

/** What the run says of the last word; of an expiry there is no more to say. */
type Told = { readonly word: string } & (RecordedDecision | object);
