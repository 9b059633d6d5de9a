/** One request of the typed client. */

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface DecisionOptions extends CallOptions {
  /** Approval token; required if the deployment has one. */
  readonly approvalToken?: string;
}

export interface WriteOptions extends CallOptions {
  /** A repeated request with the same key returns the run of the first. */
  readonly idempotencyKey?: string;
}

export interface Sent extends WriteOptions, DecisionOptions {
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request; resolves to its document, and rejects with `SkillosApiError` for a problem document. */
export type Call = <Answer>(method: string, path: string, sent: Sent) => Promise<Answer>;

/** An id as one segment of a path. */
export function part(id: string): string {
  return encodeURIComponent(id);
}
