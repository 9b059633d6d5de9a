/** Translates requests that run something into submissions, and their outcomes into replies. */
import { outcomeDocument } from '../client/submit/outcome-document.ts';
import { submit } from '../client/submit/submit.ts';
import type { Outcome, Submission, SubmitOptions, SubmitPorts, Wanted } from '../client/submit/submission.ts';
import { verdictOf } from '../core/runs/outcome.ts';
import type { Status } from '../core/runs/outcome.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { EventBody } from '../core/telemetry/events.ts';
import type { Call, Reply } from './http/endpoint.ts';
import type { ExecutionRequest } from './schemas/runs.ts';

type RunCall = Call<unknown, ExecutionRequest & { readonly payload?: JsonValue | undefined }>;

/** Rejects before anything starts if the request is invalid. */
export async function execute(call: RunCall, wanted: Wanted): Promise<Reply> {
  const actor = await apiActor(call, call.body.role);
  const { tenant } = actor.rights;
  const outcome = await submit(submitPorts(call, tenant), {
    wanted,
    payload: () => Promise.resolve(call.body.payload),
    actor,
    options: optionsOf(call),
    waiting: { kind: 'close', seconds: call.body.wait_seconds, signal: call.signal },
  });
  countAnswer(call, outcome);
  return replyOf(outcomeDocument(outcome));
}

export async function apiActor(
  call: Pick<RunCall, 'actor'>,
  role: string | undefined,
): Promise<Submission['actor']> {
  return { ...(await call.actor(role)), way: 'api' };
}

export function submitPorts(
  { services, requestId, traceparent }: Pick<RunCall, 'services' | 'requestId' | 'traceparent'>,
  tenant: string,
): SubmitPorts {
  const { ports, temporal, routing, previews, events, config } = services;
  return {
    ports,
    temporal,
    routing: () => Promise.resolve(routing),
    previews: () => Promise.resolve(previews),
    emit(bodies: readonly EventBody[]) {
      for (const body of bodies) events.emit({ request_id: requestId, tenant, ...body });
    },
    traceparent: traceparent === undefined ? undefined : () => traceparent,
    idempotencyTtlSeconds: config.idempotencyTtlSeconds,
    sessionKeepLast: config.sessionKeepLast,
  };
}

function optionsOf({ body, header, runTag }: RunCall): SubmitOptions {
  const { approval, expected_digest: digest } = body;
  return {
    isDryRun: body.dry_run,
    maxRetries: body.max_retries,
    stepThrough: body.step_through,
    noRollback: !body.rollback,
    idempotencyKey: header('Idempotency-Key'),
    sessionId: body.session_id,
    expected: digest === undefined ? undefined : { kind: 'digest', digest },
    decision: approval === undefined ? undefined : { decision: approval, token: header('X-Approval-Token') },
    requestId: runTag,
  };
}

function countAnswer({ services }: RunCall, outcome: Outcome): void {
  if (outcome.kind === 'found' || outcome.kind === 'previewed') return;
  const { status, reason } =
    outcome.kind === 'stopped' ? outcome.parts.record : { ...outcome, reason: undefined };
  services.metrics.runAnswered({ status, reason, seconds: outcome.seconds });
}

/** The HTTP status is that of the run's status; for a run that continues, Location names it. */
function replyOf(document: JsonObject): Reply {
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
