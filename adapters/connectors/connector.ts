/** The port that each kind of connector implements. */
import type { CallReport, ResolveSecret } from '../../core/connectors/connector.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';

/** An open connector: its pool of connections, made from one version of its definition. */
export interface Connector {
  /**
   * Rejects with one of the codes of connectors in core/errors/error-codes.ts, in a message without secrets, or with
   * the signal's reason.
   */
  call(operation: string, args: JsonObject, options: CallOptions): Promise<ConnectorAnswer>;
  /** Resolves when its connections are closed. Calls in progress may fail. */
  close(): Promise<void>;
}

export interface CallOptions {
  /** Aborts when nobody waits for the answer any more, at the latest when the step times out. */
  readonly signal: AbortSignal;
  /** True if the skill declares that it changes nothing. */
  readonly isReadOnly: boolean;
}

export interface ConnectorAnswer {
  readonly value: JsonValue;
  readonly facts: CallFacts;
}

/** What the report of the call says about it. */
type CallFacts = Pick<CallReport, 'method' | 'host' | 'status' | 'bytes'>;

export interface ConnectorPorts {
  /** The skills root, absolute. */
  readonly root: string;
  /** Called for each use of a secret. */
  readonly resolveSecret: ResolveSecret;
}
