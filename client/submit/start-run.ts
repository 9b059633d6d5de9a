/** Checks a request and starts its run: a workflow under the run id. */
import { ulid } from 'ulid';
import type { Catalogs, SkillEntry } from '../../core/skills/catalog.ts';
import type { JsonValue } from '../../core/json.ts';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { findSkill, findForPlan } from '../../core/skills/find-skill.ts';
import { mayRun } from '../../core/rights/permission-policy.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import { stepsOf } from '../../core/plans/plan.ts';
import type { RequestedStep, Plan, Terms } from '../../core/plans/plan.ts';
import { refuse } from '../../core/preparing/request-checks.ts';
import { subjectOf } from '../../core/plans/plan-title.ts';
import { openRecord } from '../../core/runs/run-record.ts';
import { runIdOf } from '../../core/values/run-id.ts';
import { catalogsWith } from '../../core/runs/prepared-skills.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import type { Origin, RunRequest } from '../../core/runs/run.ts';
import type { RunSession } from '../../core/sessions/session.ts';
import type { Principal } from '../../core/rights/principal.ts';
import { jobTermsOf } from '../../core/jobs/job-terms.ts';
import type { JobAsk } from '../../core/jobs/job-terms.ts';
import { seemsUnrestricted, termsOf } from '../../core/preparing/terms.ts';
import { hasWorker, namespaceId } from '../temporal/connection.ts';
import type { Temporal } from '../temporal/connection.ts';
import type { ClientPorts } from '../ports.ts';
import type { Claimed } from '../runs/idempotency.ts';
import { startJob } from './start-job.ts';
import { startWorkflow } from './start-workflow.ts';

/** Request to start a run. */
export interface StartRequest {
  readonly plan: Plan<RequestedStep>;
  readonly payload: JsonValue;
  readonly principal: Principal;
  readonly tenant: string;
  readonly maxRetries?: number;
  readonly expectedDigest?: string;
  readonly stepThrough?: boolean;
  readonly noRollback?: boolean;
  readonly origin?: Origin;
  /** Present for a job, which waits in the jobs queue for a worker. */
  readonly job?: JobAsk;
  readonly idempotency?: Idempotency;
  /** The session that the run joins; what it saw of one, for a run that repeats another. */
  readonly session?: JoinedSession | RunSession;
  /** The query that was routed to this plan; kept in the run record, and shown in the Temporal Web UI. */
  readonly query?: string;
  /** A ULID; the run's id ends with it, so that logs of request and run can be joined. */
  readonly requestId?: string;
  /** The W3C trace context of the request, which the run continues. */
  readonly traceparent?: string;
}

/** A session that the run adds its request to. */
interface JoinedSession {
  readonly id: string;
  /** How many messages the session keeps. */
  readonly keepLast: number;
}

/** A repeated request with the same key within `ttlSeconds` returns the run of the first. */
interface Idempotency {
  readonly key: string;
  /** Name of the operation, such as `run` or `run-skill`; each operation has its own namespace of keys. */
  readonly operation: string;
  readonly ttlSeconds: number;
}

/** Rejects if the request is invalid, before anything is started or stored. Suggestions never name a skill that `rights` hide. */
export async function checkStartRequest(
  ports: ClientPorts,
  ask: Pick<StartRequest, 'plan' | 'payload' | 'origin'>,
  rights?: Rights,
): Promise<void> {
  const ids = [...new Set(stepsOf(ask.plan).map((step) => step.skill))];
  const mayName = (entry: SkillEntry) => rights === undefined || mayRun(rights, entry).isAllowed;
  const catalogs = await catalogsFor(ports, ask);
  for (const id of ids) await findSkill(catalogs, id, mayName); // one after another, so that the first fault is reported
  const used = await findForPlan(catalogs, ask.plan);
  const entries = new Map(used.map((entry) => [entry.id, entry]));
  const hasSchemas = used.some(({ manifest }) => manifest.inputs !== undefined);
  const checkValue = hasSchemas ? (await ports.loadSchemas()).checkValue : () => [];
  const refusal = refuse(ask.plan, ask.payload, { entries, checkValue });
  if (refusal !== undefined) throw new SkillosError(refusal.code, refusal.message);
}

/** A run that repeats another one finds the skills of that run, whatever became of them. */
async function catalogsFor(ports: ClientPorts, { origin }: Pick<StartRequest, 'origin'>): Promise<Catalogs> {
  if (origin === undefined || origin.latest === true) return ports.catalogs;
  const record = await runRecords(ports.records).get(origin.runId);
  return catalogsWith(ports.catalogs, record, ports.values);
}

export interface StartedRun {
  readonly runId: string;
  /** False if no worker polls the queue of a configured server; the run is durable and waits for one. */
  readonly hasWorker: boolean;
  /** True if an earlier request with the same idempotency key started the run. */
  readonly isReplayed: boolean;
  /** Unix milliseconds at which that key expires. */
  readonly keyExpiresAt?: number;
}

/** Starts the run durably; call `checkStartRequest` first. Rejects with `already_exists` or `engine_unreachable`. */
export async function startRun(
  ports: ClientPorts,
  temporal: Temporal,
  ask: StartRequest,
): Promise<StartedRun> {
  const askedAt = ports.now();
  const requested = await requestOf(ports, ask, askedAt);
  const subject = subjectOf(requested);
  const requestId = ask.requestId ?? ulid(askedAt);
  const claimed = await claimId(ports, ask, runIdOf(subject.replace('/', '.'), requestId));
  const { runId, isReplayed } = claimed;
  const answer = isReplayed ? { runId, isReplayed, keyExpiresAt: claimed.expiresAt } : { runId, isReplayed };
  if (isReplayed && (await runRecords(ports.records).get(runId)) !== undefined) {
    return { ...answer, hasWorker: true };
  }
  const session = await sessionOf(ports, temporal, { ask, runId });
  const unsigned = session === undefined ? requested : { ...requested, session };
  const signature = ports.sign?.(runId, unsigned);
  const request = signature === undefined ? unsigned : { ...unsigned, signature };
  if (request.job !== undefined) {
    const start = () => startWorkflow(temporal, { runId, request });
    const isNew = await startJob(ports, { runId, request, start });
    return { ...answer, hasWorker: true, isReplayed: isReplayed || !isNew };
  }
  const isStarted = await startWorkflow(temporal, { runId, request, query: ask.query }).catch(
    async (error: unknown) => {
      if (!isSkillosError(error, 'engine_unreachable')) await leaveSession(ports, ask, runId);
      throw error; // a run that may have started stays in the session
    },
  );
  if (!isStarted) {
    // A concurrent request with the same idempotency key started the same run first.
    if (ask.idempotency !== undefined) return { ...answer, hasWorker: true };
    throw new SkillosError('already_exists', `Run "${runId}" exists already`);
  }
  // The local engine supervises its own worker. Whatever happens from here on, the run has started.
  const served = temporal.target.local || (await hasWorker(temporal).catch(() => false));
  if (!served) await recordQueued(ports, runId, request);
  return { ...answer, hasWorker: served };
}

/** Adds the request to its session, once for a run id. Rejects with `engine_unreachable`; then the session has not changed. */
async function sessionOf(
  ports: ClientPorts,
  { client, target }: Temporal,
  { ask, runId }: { readonly ask: StartRequest; readonly runId: string },
): Promise<RunSession | undefined> {
  const { session, principal, tenant, query, payload } = ask;
  if (session === undefined || 'seen' in session) return session;
  await namespaceId(client.connection, target.namespace); // during an outage each retry would leave its request
  const { takeTurn } = await import('../sessions/turns.ts');
  return takeTurn(ports, { ...session, caller: { principal, tenant }, runId, content: query ?? payload });
}

/** Takes the request of a run that was not started out of its session, if the store answers. */
async function leaveSession(
  ports: ClientPorts,
  { session, tenant }: StartRequest,
  runId: string,
): Promise<void> {
  if (session === undefined || 'seen' in session) return;
  const { dropTurn } = await import('../sessions/turns.ts');
  await dropTurn(ports, { tenant, id: session.id, runId }).catch(() => undefined);
}

/** Builds the workflow's input, unsigned and without its session; large values are stored by reference. */
export async function requestOf(ports: ClientPorts, ask: StartRequest, askedAt: number): Promise<RunRequest> {
  const terms = await termsOfOnly(ports, ask);
  const job = ask.job === undefined ? undefined : jobTermsOf(ask.job, askedAt);
  const { plan, principal, tenant, maxRetries, expectedDigest, stepThrough, noRollback, origin, query } = ask;
  const { traceparent } = ask;
  return {
    plan,
    payload: await ports.values.carry(ask.payload),
    principal,
    tenant,
    askedAt: new Date(askedAt).toISOString(),
    ...(query === undefined ? {} : { query }),
    ...(maxRetries === undefined ? {} : { maxRetries }),
    ...(expectedDigest === undefined ? {} : { expectedDigest }),
    ...(stepThrough === undefined ? {} : { stepThrough }),
    ...(noRollback === undefined ? {} : { noRollback }),
    ...(origin === undefined ? {} : { origin }),
    ...(job === undefined ? {} : { job }),
    ...(terms === undefined ? {} : { terms }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/** Returns undefined for runs that must be prepared first: stepped through, or repeating another run with its code. */
async function termsOfOnly({ catalogs }: ClientPorts, ask: StartRequest): Promise<Terms | undefined> {
  const { plan, payload, stepThrough, origin } = ask;
  if (plan.kind !== 'step' || stepThrough === true || origin !== undefined) return undefined;
  const entry = await catalogs.find(plan.step.skill);
  return entry !== undefined && seemsUnrestricted(entry, payload) ? termsOf(entry.manifest, ask) : undefined;
}

async function claimId(ports: ClientPorts, ask: StartRequest, runId: string): Promise<Claimed> {
  if (ask.idempotency === undefined) return { runId, isReplayed: false };
  const { claimRunId } = await import('../runs/idempotency.ts');
  const { idempotency, principal, query: _query, requestId: _requestId, tenant, ...more } = ask;
  const { traceparent: _traceparent, session, ...rest } = more;
  const request = session === undefined ? rest : { ...rest, session: session.id };
  return claimRunId(ports, {
    ...idempotency,
    tenant,
    principal,
    runId,
    request: request as unknown as JsonValue, // plain JSON by its type
  });
}

/** Writes the record of a run that no worker has taken yet, so that lists show it. */
async function recordQueued(ports: ClientPorts, runId: string, request: RunRequest): Promise<void> {
  await runRecords(ports.records).open(openRecord(runId, request));
}
