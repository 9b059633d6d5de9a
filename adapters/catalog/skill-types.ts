/** Content of `skillos.d.ts` in a root, so that editors know the skill API and its connectors without an install. */
import type { ConnectorSpec } from '../../core/connectors/connector.ts';

/** First line of the file; a file that begins otherwise is somebody's own. */
export const TYPES_BEGIN = "declare module 'skillos' {";

const METHODS = { http: 'HttpConnector', sql: 'SqlConnector', vector: 'VectorConnector' } as const;

/** The skill API with a property of `ctx.connectors` for each connector, sorted by id. */
export function skillTypes(connectors: readonly Pick<ConnectorSpec, 'id' | 'type'>[]): string {
  const lines = connectors
    .map(({ id, type }) => `    readonly ${JSON.stringify(id)}: ${METHODS[type]};\n`)
    .sort();
  return lines.length === 0
    ? SKILL_TYPES
    : SKILL_TYPES.replace(NO_CONNECTORS, `${NO_CONNECTORS.slice(0, -1)}\n${lines.join('')}  }`);
}

const NO_CONNECTORS = 'export interface Connectors {}';

/** The declarations of core/skill-api.ts as an ambient module; a test holds the two together. */
export const SKILL_TYPES = `declare module 'skillos' {
  export interface SkillContext {
    /** Run id, equal to the Temporal workflow id. */
    readonly runId: string;
    /** Number of this step in the plan, from 1. */
    readonly step: number;
    /** Number of this attempt, from 1. */
    readonly attempt: number;
    /** Equal for all attempts of this step; pass it to services that must act only once. */
    readonly idempotencyKey: string;
    readonly principal: {
      readonly subject: string;
      readonly roles: readonly string[];
    };
    /** Model tier: \`cheap\` if little of the budget remains. */
    readonly tier: 'standard' | 'cheap';
    /** The session of the run, as it was when the run was requested; the same in all steps and attempts, and absent without one. */
    readonly session?: SkillSession;
    /** The files that came with the webhook that enqueued this run; none for other runs. */
    readonly attachments: SkillAttachments;
    /** The connectors that the manifest declares, by id. Reading another one throws \`connector_not_declared\`. */
    readonly connectors: Connectors;
    /**
     * The secrets that the manifest declares, by key. Reading another key throws \`connector_not_declared\`, one that is not
     * set \`secret_missing\`. Values of 8 characters or more are masked in outputs, logs and errors.
     */
    readonly secrets: Readonly<Record<string, string>>;
    /**
     * The W3C trace context of this attempt, for the header \`traceparent\` of requests to other services; absent unless traces are
     * sent.
     */
    readonly traceparent?: string;
    /** Aborts when the run is cancelled or the step times out. */
    readonly signal: AbortSignal;
    /** Writes a line to the run's log. */
    log(message: string, fields?: Record<string, unknown>): void;
    /** Reports that the skill is alive. \`progress\` is shown to people: a number from 0 to 1, or a small JSON value. */
    heartbeat(progress?: unknown): void;
  }
  /** Filled in by the file that \`skillos types\` generates, so that editors know each connector by its id. */
  export interface Connectors {}
  /** Calls reject with a \`ConnectorError\`, whose \`code\` says why. */
  export interface HttpConnector {
    request(options: HttpRequest): Promise<HttpResponse>;
  }
  export interface HttpRequest {
    /** Default \`GET\`. */
    readonly method?: string;
    /** Below the \`base_url\` of the connector; default its \`base_url\` itself. */
    readonly path?: string;
    readonly query?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
    readonly headers?: Readonly<Record<string, string>>;
    /** Sent as JSON. */
    readonly json?: unknown;
    /** Sent as it is. */
    readonly body?: string | Uint8Array;
    /** At most the timeout of the connector, which is the default. */
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
  }
  /** Any status is an answer, also 404 and 500. */
  export interface HttpResponse {
    readonly status: number;
    /** Names in lower case. */
    readonly headers: Readonly<Record<string, string>>;
    /** The parsed value if the server says that it is JSON, otherwise text; base64 if it is neither. */
    readonly body: unknown;
    /** Present if the body is not UTF-8. */
    readonly encoding?: 'base64';
  }
  export interface SqlConnector {
    /** One statement; values only as parameters. */
    query(sql: string, params?: readonly unknown[]): Promise<SqlResult>;
  }
  export interface SqlResult {
    readonly rows: readonly Readonly<Record<string, unknown>>[];
    readonly row_count: number;
  }
  export interface VectorConnector {
    search(options: VectorSearch): Promise<readonly VectorMatch[]>;
    upsert(options: {
      readonly collection: string;
      readonly points: readonly VectorPoint[];
    }): Promise<unknown>;
    delete(options: {
      readonly collection: string;
      readonly ids: readonly (string | number)[];
    }): Promise<unknown>;
  }
  export interface VectorSearch {
    readonly collection: string;
    readonly vector: readonly number[];
    readonly limit: number;
    readonly filter?: Readonly<Record<string, unknown>>;
  }
  export interface VectorPoint {
    readonly id: string | number;
    readonly vector: readonly number[];
    readonly payload?: Readonly<Record<string, unknown>>;
  }
  export interface VectorMatch {
    readonly id: string | number;
    readonly score: number;
    readonly payload?: Readonly<Record<string, unknown>>;
  }
  export interface SkillSession {
    readonly id: string;
    /** What the caller gave when it made the session. */
    readonly context?: Readonly<Record<string, unknown>>;
    /** The last messages before the request of this run, oldest first. */
    readonly messages: readonly SessionMessage[];
  }
  export interface SessionMessage {
    /** \`user\` for a request of the caller, \`assistant\` for the output of its run. */
    readonly role: 'user' | 'assistant';
    /** At most 4,000 characters; values other than text are JSON. */
    readonly content: string;
    /** ISO 8601. */
    readonly at: string;
  }
  export interface SkillAttachment {
    readonly id: string;
    /** As the sender named it. */
    readonly filename: string;
    readonly content_type: string;
    readonly size_bytes: number;
    readonly reference: string;
  }
  /** \`read\` and \`path\` throw an \`AttachmentNotFound\` error for an id that is not in \`list\`. */
  export interface SkillAttachments {
    list(): readonly SkillAttachment[];
    /** Resolves to the content. */
    read(id: string): Promise<Uint8Array>;
    /** Path of a file with the content, for streams and programs; it may be gone when the step has ended. */
    path(id: string): string;
  }
  /** A skill. \`payload\` is a string, or the validated value if the manifest has \`inputs\`. Returns any JSON value. */
  export type Skill<Payload = string, Result = unknown> = (
    payload: Payload,
    ctx: SkillContext,
  ) => Result | Promise<Result>;
  /** Throw it to end the step without further attempts. */
  export class PermanentError extends Error {
    readonly name = 'PermanentError';
  }
  /** Throw it to retry the step after at least \`seconds\`. */
  export class RetryAfter extends Error {
    readonly name = 'RetryAfter';
    readonly seconds: number;
    constructor(seconds: number, message?: string);
  }
}
`;
