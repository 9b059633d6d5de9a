/** Starting, listing, showing and cancelling runs. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { TypedSearchAttributes, defineSearchAttributeKey } from '@temporalio/common';
import { ulid } from 'ulid';
import type { SkillEntry } from '../core/catalog.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { SkillosError } from '../core/errors.ts';
import { findSkill, findUsed } from '../core/find-skill.ts';
import { mayRun } from '../core/permission-policy.ts';
import type { Rights } from '../core/permission-policy.ts';
import { stepsOf } from '../core/plan.ts';
import type { AskedStep, Plan, Terms } from '../core/plan.ts';
import { refuse } from '../core/refuse.ts';
import { openRecord, subjectOf } from '../core/run-record.ts';
import { isRunId, parseRunId, runIdOf, runKey } from '../core/run-id.ts';
import { isInFlight } from '../core/run.ts';
import type { Origin, Principal, RunRequest, RunStatus } from '../core/run.ts';
import { SEARCH_ATTRIBUTES } from '../core/search-attributes.ts';
import { seemsFree, termsOf } from '../core/terms.ts';
import { RUN_WORKFLOW } from '../workflows/messages.ts';
import { asClientError, hasWorker, unknownRun } from './connection.ts';
import type { Temporal } from './connection.ts';
import type { ClientPorts } from './ports.ts';

/** What a caller wants done. */
export interface Ask {
  readonly plan: Plan<AskedStep>;
  readonly payload: JsonValue;
  readonly principal: Principal;
  readonly tenant: string;
  readonly maxRetries?: number;
  readonly expectedDigest?: string;
  readonly stepThrough?: boolean;
  readonly noRollback?: boolean;
  readonly origin?: Origin;
  readonly idempotency?: Idempotency;
  /** Words that led here, for the Web UI; a query, where there was one. */
  readonly query?: string;
  /** A ULID: the run's id ends with it, which joins what logs tell of the request and of the run. */
  readonly requestId?: string;
}

/** The same key for the same request within `ttlSeconds` is answered with the run that it has started. */
interface Idempotency {
  readonly key: string;
  /** What was asked for: `run`, `run-skill`, an endpoint. Keys of one mean nothing to another. */
  readonly operation: string;
  readonly ttlSeconds: number;
}

/** Rejects with the mistake in the ask, before anything is started or stored; a skill that `rights` hide is not suggested. */
export async function checkAsk(
  ports: ClientPorts,
  ask: Pick<Ask, 'plan' | 'payload'>,
  rights?: Rights,
): Promise<void> {
  const ids = [...new Set(stepsOf(ask.plan).map((step) => step.skill))];
  const mayName = (entry: SkillEntry) => rights === undefined || mayRun(rights, entry).isAllowed;
  await Promise.all(ids.map((id) => findSkill(ports.catalogs, id, mayName)));
  const used = await findUsed(ports.catalogs, ask.plan);
  const entries = new Map(used.map((entry) => [entry.id, entry]));
  const hasSchemas = used.some(({ manifest }) => manifest.inputs !== undefined);
  const checkValue = hasSchemas ? (await ports.loadSchemas()).checkValue : () => [];
  const refusal = refuse(ask.plan, ask.payload, { entries, checkValue });
  if (refusal !== undefined) throw new SkillosError(refusal.code, refusal.message);
}

export interface StartedRun {
  readonly runId: string;
  /** False where nothing polls the queue of a configured server: the run is durable and waits. */
  readonly hasWorker: boolean;
  /** An earlier request with the same idempotency key has started it. */
  readonly isReplayed: boolean;
}

/** Starts the run durably; `checkAsk` comes first. */
export async function startRun(ports: ClientPorts, temporal: Temporal, ask: Ask): Promise<StartedRun> {
  const askedAt = ports.now();
  const unsigned = await requestOf(ports, ask, askedAt);
  const subject = subjectOf(unsigned);
  const requestId = ask.requestId ?? ulid(askedAt);
  const { runId, isReplayed } = await claimId(ports, ask, runIdOf(subject.replace('/', '.'), requestId));
  if (isReplayed && (await ports.records.get('runs', runKey(runId))) !== undefined) {
    return { runId, hasWorker: true, isReplayed };
  }
  const signature = ports.sign?.(runId, unsigned);
  const request = signature === undefined ? unsigned : { ...unsigned, signature };
  try {
    await temporal.client.workflow.start(RUN_WORKFLOW, {
      workflowId: runId,
      taskQueue: temporal.target.taskQueue,
      args: [request],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      typedSearchAttributes: searchAttributesOf(request, subject),
      requestEagerStart: temporal.isEager ?? false,
      staticSummary: subject,
      ...(ask.query === undefined ? {} : { staticDetails: `Asked: ${ask.query}` }),
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw asClientError(error);
    // Whoever holds the same idempotency key was quicker: it is the same run.
    if (ask.idempotency !== undefined) return { runId, hasWorker: true, isReplayed };
    throw new SkillosError('already_exists', `Run "${runId}" exists already`, { cause: error });
  }
  // The local engine looks after its worker itself.
  const served = temporal.target.local || (await hasWorker(temporal));
  if (!served) await recordQueued(ports, runId, request);
  return { runId, hasWorker: served, isReplayed };
}

/** What goes to the worker, unsigned. */
export async function requestOf(ports: ClientPorts, ask: Ask, askedAt: number): Promise<RunRequest> {
  const terms = await termsOfOnly(ports, ask);
  const { plan, principal, tenant, maxRetries, expectedDigest, stepThrough, noRollback, origin } = ask;
  return {
    plan,
    payload: await ports.values.carry(ask.payload),
    principal,
    tenant,
    askedAt: new Date(askedAt).toISOString(),
    ...(maxRetries === undefined ? {} : { maxRetries }),
    ...(expectedDigest === undefined ? {} : { expectedDigest }),
    ...(stepThrough === undefined ? {} : { stepThrough }),
    ...(noRollback === undefined ? {} : { noRollback }),
    ...(origin === undefined ? {} : { origin }),
    ...(terms === undefined ? {} : { terms }),
  };
}

/** A run that is stepped through stands before its step first, and one that repeats another takes that one's code. */
async function termsOfOnly({ catalogs }: ClientPorts, ask: Ask): Promise<Terms | undefined> {
  const { plan, payload, stepThrough, origin, maxRetries } = ask;
  if (plan.kind !== 'step' || stepThrough === true || origin !== undefined) return undefined;
  const entry = await catalogs.find(plan.step.skill);
  return entry !== undefined && seemsFree(entry, payload) ? termsOf(entry.manifest, maxRetries) : undefined;
}

async function claimId(
  ports: ClientPorts,
  ask: Ask,
  runId: string,
): Promise<Pick<StartedRun, 'runId' | 'isReplayed'>> {
  if (ask.idempotency === undefined) return { runId, isReplayed: false };
  const { claimRunId } = await import('./idempotency.ts');
  const { idempotency, principal, query: _query, requestId: _requestId, tenant, ...request } = ask;
  return claimRunId(ports, {
    ...idempotency,
    tenant,
    principal,
    runId,
    request: request as unknown as JsonValue, // plain JSON by its type
  });
}

function searchAttributesOf(request: RunRequest, subject: string): TypedSearchAttributes {
  const keyword = (name: string, value: string) => ({
    key: defineSearchAttributeKey(name, 'KEYWORD'),
    value,
  });
  return new TypedSearchAttributes([
    keyword(SEARCH_ATTRIBUTES.skill.name, subject),
    keyword(SEARCH_ATTRIBUTES.tenant.name, request.tenant),
    keyword(SEARCH_ATTRIBUTES.principal.name, request.principal.subject),
  ]);
}

/** A run that no worker has taken yet has no record; this gives it one, so that lists show it. */
async function recordQueued(ports: ClientPorts, runId: string, request: RunRequest): Promise<void> {
  await ports.records.update('runs', runKey(runId), (current) => {
    return current ?? (openRecord(runId, request) as unknown as JsonObject);
  });
}

/** Asks a run to stop; it settles and ends `cancelled`. Rejects with `run_finished` where it has ended. */
export async function cancelRun(ports: ClientPorts, temporal: Temporal, text: string): Promise<string> {
  const runId = parseRunId(text);
  const record = await ports.records.get('runs', runKey(runId));
  const status = record?.['status'] as RunStatus | undefined;
  if (status !== undefined && !isInFlight(status)) {
    throw new SkillosError('run_finished', `Run "${runId}" has ended: ${status}`);
  }
  try {
    await temporal.client.workflow.getHandle(runId).cancel();
  } catch (error) {
    throw unknownRun(error, runId);
  }
  return runId;
}

/** Address of the run in the Temporal Web UI. */
export function webUrl(target: Temporal['target'], runId: string): string | undefined {
  if (target.uiUrl === undefined || !isRunId(runId)) return undefined;
  return `${target.uiUrl}/namespaces/${target.namespace}/workflows/${runId}`;
}
