/** Connectors: what a definition below connectors/ says, and one call of a skill. Zod-free. */
import type { ErrorCode } from '../errors/error-codes.ts';
import type { JsonObject, JsonValue } from '../json.ts';

/** A text of a definition; `secret:KEY` stands for a secret, which is resolved for each use. */
type SecretText = string;

type HttpAuth =
  | { readonly type: 'bearer'; readonly token: SecretText }
  | { readonly type: 'basic'; readonly username: SecretText; readonly password: SecretText }
  | { readonly type: 'header'; readonly header: string; readonly value: SecretText };

export interface HttpSpec {
  readonly type: 'http';
  readonly id: string;
  /** Without a slash at its end, a query or a fragment. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, SecretText>>;
  readonly auth?: HttpAuth;
  readonly timeoutMs: number;
  readonly rateLimitPerMinute?: number;
  /** True if the address may be one that the internet does not route, such as loopback. */
  readonly allowPrivate: boolean;
  /** Maximum of redirects that are followed, each to the same origin. */
  readonly followRedirects: number;
}

export interface SqlSpec {
  readonly type: 'sql';
  readonly id: string;
  readonly driver: 'sqlite' | 'postgres';
  /** Always present for Postgres. */
  readonly dsn?: SecretText;
  /** For SQLite: a path below the root, or `:memory:`. */
  readonly databasePath: string;
  readonly timeoutMs: number;
}

export interface VectorSpec {
  readonly type: 'vector';
  readonly id: string;
  /** As in `HttpSpec`. */
  readonly baseUrl: string;
  readonly apiKey?: SecretText;
  readonly timeoutMs: number;
  readonly allowPrivate: boolean;
}

export type ConnectorSpec = HttpSpec | SqlSpec | VectorSpec;

/** A call of a skill. The operation and its arguments are checked by the driver. */
export interface ConnectorCall {
  readonly connector: string;
  readonly operation: string;
  readonly args: JsonObject;
}

/** Calls of one step at once; further ones wait in the skill's process. */
export const MAX_CALLS_IN_FLIGHT = 32;
/** Maximum of one call as JSON. */
export const MAX_CALL_BYTES = 12 * 1024 * 1024;
/** Maximum of one answer as JSON. */
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** Resolves to the text itself, or to the secret that it stands for; rejects with `secret_missing`. */
export type ResolveSecret = (connector: string, text: SecretText) => Promise<string>;

/** Who calls: a step of a run. */
export interface ConnectorCaller {
  /** The connectors that the manifest of the skill declares. */
  readonly declared: readonly string[];
  /** `host` or `host:port` that a package may reach; absent for the operator's own code. */
  readonly hosts?: readonly string[] | undefined;
  /** True if the skill declares that it changes nothing. */
  readonly isReadOnly: boolean;
  /** The deployment whose definitions count; absent for those that count now. */
  readonly deployment?: string | undefined;
  readonly signal: AbortSignal;
  /** Receives one report per call that was declared, also of a failed one. */
  readonly onReport: (report: CallReport) => void;
}

/** The operations of all drivers. */
const OPERATIONS: ReadonlySet<string> = new Set([
  'request',
  'query',
  'search',
  'upsert',
  'delete',
  'collections',
]);

/** Returns the operation as reports show it: another word is text of the skill, which belongs in no log and no span. */
export function knownOperation(operation: string): string {
  return OPERATIONS.has(operation) ? operation : 'unknown';
}

/** What is kept about a call: never a body, a query or a header. */
export interface CallReport {
  readonly connector: string;
  /** Such as `GET`, `select`, `search`. */
  readonly method: string;
  /** Host with port, database or file. */
  readonly host: string;
  /** HTTP status. */
  readonly status?: number;
  /** Code of the failure. */
  readonly code?: ErrorCode;
  readonly ms: number;
  /** Size of the answer. */
  readonly bytes: number;
}

/** Port for the connectors of one root. */
export interface ConnectorHost {
  /** Rejects with a `SkillosError` whose code is one of those of connectors. */
  call(call: ConnectorCall, caller: ConnectorCaller): Promise<JsonValue>;
  close(): Promise<void>;
}
