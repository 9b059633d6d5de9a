/** Typed client of the API, `skillos/client`; its types are inferred from the server's schemas. */
import type * as z from 'zod';
import type { approvalPage, decision, decisionRequest } from './schemas/approvals.ts';
import type { health } from './schemas/health.ts';
import type { problem } from './schemas/parts.ts';
import type {
  cancelRequest,
  cancelled,
  pipelineRunRequest,
  rerunRequest,
  run,
  runPage,
  runQuery,
  runRequest,
  skillRunRequest,
} from './schemas/runs.ts';
import type { stepRequest, stepTaken } from './schemas/steps.ts';
import { part } from './sdk-call.ts';
import type { CallOptions, DecisionOptions, Sent, WriteOptions } from './sdk-call.ts';
import { deliveryCalls, jobCalls, scheduleCalls } from './sdk-triggers.ts';
import type { DeliveryCalls, JobCalls, ScheduleCalls } from './sdk-triggers.ts';
import type { deprecateRequest, deprecation, skill, skillList, validation } from './schemas/skills.ts';

export type { CallOptions, DecisionOptions, WriteOptions } from './sdk-call.ts';
export type Run = z.output<typeof run>;
export type RunRequest = z.input<typeof runRequest>;
export type SkillRunRequest = z.input<typeof skillRunRequest>;
export type RunPage = z.output<typeof runPage>;
export type RunQuery = z.input<typeof runQuery>;
export type Skill = z.output<typeof skill>;
export type SkillList = z.output<typeof skillList>;
export type Health = z.output<typeof health>;
type DeprecateRequest = z.input<typeof deprecateRequest>;
type Deprecation = z.output<typeof deprecation>;
type Validation = z.output<typeof validation>;
type Cancelled = z.output<typeof cancelled>;
type ApprovalPage = z.output<typeof approvalPage>;
type Decision = z.output<typeof decision>;
type StepTaken = z.output<typeof stepTaken>;
type Problem = z.output<typeof problem>;

export interface RunEvent {
  /** Absent for events that are not in the run's history, such as `no_worker`. */
  readonly id?: string;
  readonly kind: string;
  readonly at: string;
  readonly [field: string]: unknown;
}

export interface ClientOptions {
  /** Base URL of the API, such as `http://127.0.0.1:8000`. */
  readonly baseUrl: string;
  readonly token?: string;
  /** Default: the platform's `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
}

/** A problem document of the server; callers look at `code`. */
export class SkillosApiError extends Error {
  override readonly name = 'SkillosApiError';
  readonly status: number;
  readonly code: string;
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.status = problem.status;
    this.code = problem.code;
    this.problem = problem;
  }
}

/** Methods resolve to run and health documents of any status, and reject with `SkillosApiError` for a problem document. */
export class SkillosClient {
  readonly #base: string;
  readonly #token: string | undefined;
  readonly #fetch: typeof globalThis.fetch;
  readonly jobs: JobCalls;
  readonly schedules: ScheduleCalls;
  /** Deliveries of webhooks. */
  readonly deliveries: DeliveryCalls;

  constructor({ baseUrl, token, fetch: send = globalThis.fetch }: ClientOptions) {
    this.#base = baseUrl.replace(/\/+$/, '');
    this.#token = token;
    this.#fetch = send;
    const call = <Answer>(method: string, path: string, sent: Sent) => this.#json<Answer>(method, path, sent);
    this.jobs = jobCalls(call);
    this.schedules = scheduleCalls(call);
    this.deliveries = deliveryCalls(call);
  }

  run(request: RunRequest, options: WriteOptions = {}): Promise<Run> {
    return this.#json('POST', '/run', { ...options, body: request });
  }

  runSkill(id: string, request: SkillRunRequest = {}, options: WriteOptions = {}): Promise<Run> {
    return this.#json('POST', `/skills/${part(id)}/run`, { ...options, body: request });
  }

  getRun(runId: string, options: CallOptions = {}): Promise<Run> {
    return this.#json('GET', `/runs/${part(runId)}`, options);
  }

  listRuns(query: RunQuery = {}, options: CallOptions = {}): Promise<RunPage> {
    return this.#json('GET', '/runs', { ...options, query });
  }

  runPipeline(request: z.input<typeof pipelineRunRequest>, options: WriteOptions = {}): Promise<Run> {
    return this.#json('POST', '/pipelines/run', { ...options, body: request });
  }

  cancelRun(
    runId: string,
    request: z.input<typeof cancelRequest> = {},
    options: CallOptions = {},
  ): Promise<Cancelled> {
    return this.#json('POST', `/runs/${part(runId)}/cancel`, { ...options, body: request });
  }

  stepRun(
    runId: string,
    request: z.input<typeof stepRequest>,
    options: CallOptions = {},
  ): Promise<StepTaken> {
    return this.#json('POST', `/runs/${part(runId)}/step`, { ...options, body: request });
  }

  rerun(runId: string, request: z.input<typeof rerunRequest> = {}, options: WriteOptions = {}): Promise<Run> {
    return this.#json('POST', `/runs/${part(runId)}/rerun`, { ...options, body: request });
  }

  listApprovals(
    query: { readonly limit?: number; readonly after?: string } = {},
    options: CallOptions = {},
  ): Promise<ApprovalPage> {
    return this.#json('GET', '/approvals', { ...options, query });
  }

  approveRun(
    runId: string,
    request: z.input<typeof decisionRequest> = {},
    options: DecisionOptions = {},
  ): Promise<Decision> {
    return this.#json('POST', `/runs/${part(runId)}/approve`, { ...options, body: request });
  }

  denyRun(
    runId: string,
    request: z.input<typeof decisionRequest> = {},
    options: DecisionOptions = {},
  ): Promise<Decision> {
    return this.#json('POST', `/runs/${part(runId)}/deny`, { ...options, body: request });
  }

  listSkills(
    query: { readonly tag?: readonly string[]; readonly all?: boolean } = {},
    options: CallOptions = {},
  ): Promise<SkillList> {
    return this.#json('GET', '/skills', { ...options, query });
  }

  getSkill(id: string, options: CallOptions = {}): Promise<Skill> {
    return this.#json('GET', `/skills/${part(id)}`, options);
  }

  deprecateSkill(id: string, request: DeprecateRequest, options: CallOptions = {}): Promise<Deprecation> {
    return this.#json('POST', `/skills/${part(id)}/deprecate`, { ...options, body: request });
  }

  undeprecateSkill(id: string, options: CallOptions = {}): Promise<Deprecation> {
    return this.#json('POST', `/skills/${part(id)}/undeprecate`, { ...options, body: {} });
  }

  validate(
    request: { readonly check_entrypoints?: boolean } = {},
    options: CallOptions = {},
  ): Promise<Validation> {
    return this.#json('POST', '/validate', { ...options, body: request });
  }

  health(options: CallOptions = {}): Promise<Health> {
    return this.#json('GET', '/health', options);
  }

  /** Yields all events up to `run_ended`; reconnects after the last event if the connection breaks. */
  async *followRun(runId: string, options: CallOptions = {}): AsyncGenerator<RunEvent, void> {
    let last: string | undefined;
    for (;;) {
      const headers: Record<string, string> = last === undefined ? {} : { 'Last-Event-ID': last };
      const response = await this.#send('GET', `/runs/${part(runId)}/events`, { ...options, headers });
      if (response.status === 204 || response.body === null) return;
      for await (const event of eventsOf(response.body)) {
        last = event.id ?? last;
        yield event;
        if (event.kind === 'run_ended') return;
      }
    }
  }

  async #json<Answer>(method: string, path: string, sent: Sent): Promise<Answer> {
    const response = await this.#send(method, path, sent);
    return (await response.json()) as Answer; // the server's tests check its replies against these types
  }

  async #send(method: string, path: string, sent: Sent): Promise<Response> {
    const { body, query, headers, signal, idempotencyKey, approvalToken } = sent;
    const response = await this.#fetch(`${this.#base}${path}${queryText(query)}`, {
      method,
      headers: {
        ...(this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }),
        ...(approvalToken === undefined ? {} : { 'X-Approval-Token': approvalToken }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (response.headers.get('Content-Type')?.startsWith('application/problem+json')) {
      throw new SkillosApiError((await response.json()) as Problem);
    }
    return response;
  }
}

type QueryValue = string | number | boolean | undefined;

function queryText(query: Readonly<Record<string, unknown>> = {}): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of [value].flat() as readonly QueryValue[]) {
      if (each !== undefined) pairs.append(name, String(each));
    }
  }
  return pairs.size === 0 ? '' : `?${pairs.toString()}`;
}

async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<RunEvent, void> {
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = eventOf(block);
        if (event !== undefined) yield event;
      }
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // fetch reports a broken connection as TypeError
  }
}

function eventOf(block: string): RunEvent | undefined {
  const data = /^data: (.*)$/m.exec(block)?.[1];
  if (data === undefined) return undefined;
  const id = /^id: (.*)$/m.exec(block)?.[1];
  return { ...(JSON.parse(data) as RunEvent), ...(id === undefined ? {} : { id }) };
}
