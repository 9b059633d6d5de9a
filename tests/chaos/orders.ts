/** The load: orders that are sent until they are acknowledged, whatever happens to whoever answers. */
import { setTimeout as delay } from 'node:timers/promises';
import { parseFiredRunId } from '../../core/values/schedule-id.ts';
import { DEFAULT_TENANT } from '../../core/values/tenant.ts';
import { schemeOf } from '../../core/webhooks/scheme.ts';
import { SkillosApiError, SkillosClient } from '../../server/sdk.ts';
import { signToken } from '../support/tokens.ts';
import type { Random } from './random.ts';

/** Each kind with the ends that it may have: a status, followed by the reason unless it is a success. */
export const KINDS = {
  single: ['success'],
  careless: ['success', 'error outcome_unknown'],
  pipeline: ['success', 'error outcome_unknown'],
  approved: ['success'],
  denied: ['blocked approval_denied'],
  expired: ['blocked approval_expired'],
  withdrawn: ['cancelled'],
  cancelled: ['cancelled', 'success'],
  job: ['success'],
  flaky: ['success'],
  dead: ['error skill_failed'],
  webhook: ['success'],
  costly: ['success', 'blocked budget_exceeded'],
} as const;

export type Kind = keyof typeof KINDS;

/** How often each kind is chosen. */
const WEIGHTS: Readonly<Record<Kind, number>> = {
  single: 5,
  careless: 3,
  pipeline: 3,
  approved: 2,
  denied: 1,
  expired: 1,
  withdrawn: 1,
  cancelled: 2,
  job: 3,
  flaky: 1,
  dead: 1,
  webhook: 2,
  costly: 1,
};
const DECK = (Object.keys(WEIGHTS) as Kind[]).flatMap((kind) =>
  Array.from({ length: WEIGHTS[kind] }, () => kind),
);

export interface Order {
  /** Its payload, by which its effects are found, and its idempotency key. */
  readonly id: string;
  readonly kind: Kind;
  readonly tenant: string;
  /** Set once the API has acknowledged it. */
  runId?: string;
}

const LOAD_TENANTS = ['red', 'blue'];
/** Deliveries are of the tenant of the setting; the third tenant uses up its budget. */
const OWN_TENANTS: Partial<Record<Kind, string>> = { webhook: DEFAULT_TENANT, costly: 'poor' };
export const TENANTS = [...LOAD_TENANTS, ...Object.values(OWN_TENANTS)];
export const SCHEDULE = 'ticks';
export const SCHEDULE_SECONDS = 5;

const LANES = 6;
/** A lane waits for the end of its run for so long before it sends the next order. */
const FOLLOW_MS = 8000;
/** Longer than any wait of the server's own, and shorter than a long pause. */
const ANSWER_MS = 20_000;
const RETRY_MS = 300;
const POLL_MS = 400;
const ENDED = new Set<string>(['success', 'error', 'blocked', 'cancelled']);

export interface LoadOptions {
  readonly url: string;
  readonly approvalToken: string;
  readonly webhookSecret: string;
  readonly random: Random;
}

export class Load {
  readonly orders: Order[] = [];
  /** Answers that no fault explains. */
  readonly refusals: string[] = [];
  /** Requests that were sent again, by what became of them: an error code, or the name of a broken connection. */
  readonly repeated = new Map<string, number>();
  readonly #options: LoadOptions;
  readonly #clients = new Map<string, Promise<SkillosClient>>();
  readonly #abandoned = new AbortController();

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  /** Resolves when the API answers and reaches everything that it needs. */
  async untilReady(): Promise<void> {
    await this.#insist(async (signal) => {
      const { ok, status } = await fetch(`${this.#options.url}/health/ready`, { signal });
      if (!ok) throw new Error(`/health/ready answers ${status}`);
    });
  }

  /**
   * Adds the schedule that fires until `until`, and resolves to the time of its first firing, both in Unix milliseconds. Temporal
   * counts from when its scheduler has started, so a time right after the answer may be left out.
   */
  async addSchedule(until: number): Promise<number> {
    const client = await this.#client('red', 'bob');
    const request = {
      skill: 'chaos/careful',
      id: SCHEDULE,
      every: `${SCHEDULE_SECONDS}s`,
      end_at: new Date(until).toISOString(),
      overlap: 'allow',
    } as const;
    await this.#insist(async (signal) => {
      await client.schedules.add(request, { signal }).catch(ignoring('schedule_exists'));
    });
    for (;;) {
      const { runs } = await this.#insist((signal) => client.schedules.get(SCHEDULE, { signal }));
      const times = runs.flatMap(({ run_id: id }) => parseFiredRunId(id)?.at ?? []);
      if (times.length > 0) return Math.min(...times);
      await delay(POLL_MS);
    }
  }

  /** Sends orders until told to stop, and resolves when the last ones are acknowledged and decided. */
  async run(until: AbortSignal): Promise<void> {
    const lane = async () => {
      while (!until.aborted) await this.#place(until);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  /** Lets `run` resolve although orders are not acknowledged. */
  abandon(): void {
    this.#abandoned.abort();
  }

  async #place(until: AbortSignal): Promise<void> {
    const { random } = this.#options;
    const kind = random.pick(DECK);
    const tenant = OWN_TENANTS[kind] ?? random.pick(LOAD_TENANTS);
    const order: Order = { id: `order-${kind}-${this.orders.length}`, kind, tenant };
    this.orders.push(order);
    try {
      const runId = await this.#send(order);
      order.runId = runId;
      await this.#decide(order, runId);
      if (kind === 'webhook') return; // its job is not ann's
      const limit = AbortSignal.any([until, AbortSignal.timeout(FOLLOW_MS)]);
      await this.#untilStatus(order, (status) => ENDED.has(status), limit);
    } catch (error) {
      if (!this.#abandoned.signal.aborted) this.refusals.push(`${order.id}: ${String(error)}`);
    }
  }

  /** Resolves to the run id. */
  async #send({ id, kind, tenant }: Order): Promise<string> {
    const { random } = this.#options;
    const client = await this.#client(tenant, 'ann');
    const request = { payload: id, wait_seconds: random.pick([0, 0, 3]) };
    const job = { payload: id, priority: random.between(1, 5), delay: random.pick(['1s', '3s']) };
    const run = (skill: string) =>
      this.#insist((signal) => client.runSkill(`chaos/${skill}`, request, { idempotencyKey: id, signal }));
    const enqueue = (skill: string, more = {}) =>
      this.#insist((signal) =>
        client.jobs.enqueue({ skill: `chaos/${skill}`, ...job, ...more }, { idempotencyKey: id, signal }),
      );
    switch (kind) {
      case 'single':
        return idOf(await run('careful'));
      case 'careless':
        return idOf(await run('careless'));
      case 'approved':
      case 'denied':
      case 'withdrawn':
        return idOf(await run('guarded'));
      case 'expired':
        return idOf(await run('expiring'));
      case 'cancelled':
        return idOf(await run('slow'));
      case 'costly':
        return idOf(await run('costly'));
      case 'pipeline': {
        const steps = [
          'chaos/careful',
          ['chaos/careful', 'chaos/careful'],
          'chaos/careless',
          'chaos/careful',
        ];
        const options = { idempotencyKey: id };
        return idOf(
          await this.#insist((signal) => client.runPipeline({ ...request, steps }, { ...options, signal })),
        );
      }
      case 'job':
        return (await enqueue('careful')).job_id;
      case 'flaky':
        return (await enqueue('flaky', { max_retries: 3 })).job_id;
      case 'dead':
        return (await enqueue('failing', { max_retries: 1 })).job_id;
      case 'webhook':
        return this.#insist((signal) => this.#deliver(id, signal));
    }
  }

  /** Sends a signed delivery; resolves to its job. */
  async #deliver(id: string, signal: AbortSignal): Promise<string> {
    const { url, webhookSecret: secret } = this.#options;
    const body = Buffer.from(JSON.stringify({ payload: id, idempotency_key: id }));
    const now = Math.floor(Date.now() / 1000);
    const headers = schemeOf('skillos').headers({ secret, body, now, id });
    const reply = await fetch(`${url}/webhooks/chaos`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
      signal,
    });
    const document = (await reply.json()) as { readonly job_id: string } & SkillosApiError['problem'];
    if (!reply.ok) throw new SkillosApiError(document);
    return document.job_id;
  }

  async #decide(order: Order, runId: string): Promise<void> {
    const { approvalToken } = this.#options;
    const { kind, tenant } = order;
    if (kind === 'cancelled') {
      await delay(this.#options.random.between(0, 1500));
      return this.#cancel(order, runId);
    }
    if (kind !== 'approved' && kind !== 'denied' && kind !== 'withdrawn') return;
    const status = await this.#untilStatus(
      order,
      (each) => each === 'awaiting_approval' || ENDED.has(each),
      this.#abandoned.signal,
    );
    if (status !== 'awaiting_approval') return; // its end shows it
    if (kind === 'withdrawn') return this.#cancel(order, runId);
    const approver = await this.#client(tenant, 'bob');
    await this.#insist(async (signal) => {
      const options = { approvalToken, signal };
      await (
        kind === 'approved' ? approver.approveRun(runId, {}, options) : approver.denyRun(runId, {}, options)
      ).catch(ignoring('approval_decided', 'run_finished'));
    });
  }

  async #cancel({ tenant }: Order, runId: string): Promise<void> {
    const client = await this.#client(tenant, 'ann');
    await this.#insist(async (signal) => {
      await client.cancelRun(runId, {}, { signal }).catch(ignoring('run_finished'));
    });
  }

  /** Resolves to the status that fits, or to undefined if `limit` comes first. */
  async #untilStatus(
    { tenant, runId = '' }: Order,
    isWanted: (status: string) => boolean,
    limit: AbortSignal,
  ): Promise<string | undefined> {
    const client = await this.#client(tenant, 'ann');
    while (!limit.aborted) {
      const { status } = await this.#insist((signal) => client.getRun(runId, { signal }));
      if (isWanted(status)) return status;
      await delay(POLL_MS, undefined, { signal: limit }).catch(() => undefined);
    }
    return undefined;
  }

  #client(tenant: string, subject: 'ann' | 'bob'): Promise<SkillosClient> {
    const name = `${tenant}/${subject}`;
    const found = this.#clients.get(name);
    if (found !== undefined) return found;
    const claims = { sub: subject, tenant_id: tenant, ...(subject === 'bob' ? { roles: ['operator'] } : {}) };
    const made = signToken(claims).then((token) => new SkillosClient({ baseUrl: this.#options.url, token }));
    this.#clients.set(name, made);
    return made;
  }

  /** Calls again until there is an answer that says what became of the request. */
  async #insist<Answer>(call: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    for (;;) {
      try {
        return await call(AbortSignal.any([this.#abandoned.signal, AbortSignal.timeout(ANSWER_MS)]));
      } catch (error) {
        if (!isPassing(error) || this.#abandoned.signal.aborted) throw error;
        const reason = reasonOf(error);
        this.repeated.set(reason, (this.repeated.get(reason) ?? 0) + 1);
        await delay(RETRY_MS);
      }
    }
  }
}

function idOf({ run_id: id }: { readonly run_id?: string | undefined }): string {
  if (id === undefined) throw new Error('Expected a run id in the answer');
  return id;
}

function reasonOf(error: unknown): string {
  if (error instanceof SkillosApiError) return error.code;
  const { name, cause } = error as Error;
  const { code } = (cause ?? {}) as { readonly code?: string };
  return code ?? name;
}

/** `unknown_run`: a run that was acknowledged while Temporal went away is not found until a worker takes it. */
const PASSING_CODES = new Set(['no_worker', 'unknown_run']);

/** True for broken connections, times without an answer, answers of 5xx, and runs that no worker has taken. */
function isPassing(error: unknown): boolean {
  return !(error instanceof SkillosApiError) || error.status >= 500 || PASSING_CODES.has(error.code);
}

function ignoring(...codes: readonly string[]) {
  return (error: unknown): void => {
    if (!(error instanceof SkillosApiError && codes.includes(error.code))) throw error;
  };
}
