/** One entry per endpoint; routing, checks and the OpenAPI document are made from it. */
import type { Readable } from 'node:stream';
import type * as z from 'zod';
import type { Actor } from '../../client/audit/authorize.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import type { OpenStream } from '../services/event-streams.ts';
import type { Services } from '../services/services.ts';

export type Tag =
  | 'Runs'
  | 'Schedules'
  | 'Jobs'
  | 'Webhooks'
  | 'Approvals'
  | 'Skills'
  | 'Feedback'
  | 'Operations'
  | 'Health'
  | 'Documents';

export interface Call<Query, Body> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** Returns a request header; undefined if it is absent or empty. */
  readonly header: (name: string) => string | undefined;
  /** Resolves to the bytes of the body. Rejects with `body_too_large` and `media_type_unsupported`. */
  readonly rawBody: (maxBytes: number) => Promise<Uint8Array>;
  readonly requestId: string;
  /** A ULID for the id of a run; undefined if the caller chose the request id. */
  readonly runTag: string | undefined;
  /** The W3C trace context of this request; undefined unless traces are sent. */
  readonly traceparent: string | undefined;
  /** Aborts when the client has disconnected or the server begins to stop. */
  readonly signal: () => AbortSignal;
  readonly services: Services;
  /** Counts an event stream of the caller until it is closed. Throws `too_many_streams`. */
  readonly openStream: () => OpenStream;
  /** Resolves to the caller's rights, limited to one of its roles if one is named. Rejects as `callerOf` does. */
  readonly rights: (role?: string) => Promise<Rights>;
  /** Resolves to the caller as the actor of an audited change. */
  readonly actor: (role?: string) => Promise<Actor>;
}

export interface Reply {
  /** Default: 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: JsonObject;
  /** Instead of JSON, with its content type. */
  readonly content?: { readonly type: string; readonly body: string | Buffer | Readable };
}

export const JSON_TYPE = 'application/json; charset=utf-8';

/** Documentation of a reply: the schema of its JSON, or the content type of other content. */
export interface ReplyDoc {
  readonly description: string;
  readonly schema?: z.ZodType;
  readonly type?: string;
}

type Shape = z.ZodObject;

interface Description {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path with `:name` for each parameter; `aliases` are further paths of the same endpoint. */
  readonly path: string;
  readonly aliases?: readonly string[];
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  /** `open` needs no token and has no rate limit. */
  readonly access: 'open' | 'caller';
  readonly replies: Readonly<Record<number, ReplyDoc>>;
  /** The handler reads the bytes of the body itself, by `rawBody`. */
  readonly takesRawBody?: true;
  /** Request headers that the endpoint reads, each with its meaning. */
  readonly headers?: Readonly<Record<string, string>>;
}

interface Typed<Query extends Shape, Body extends Shape> extends Description {
  readonly query?: Query;
  /** The body may be omitted if `{}` fits the schema. */
  readonly body?: Body;
  readonly handle: (call: Call<z.output<Query>, z.output<Body>>) => Promise<Reply>;
}

export interface Endpoint extends Description {
  readonly query?: Shape;
  readonly body?: Shape;
  readonly handle: (call: Call<never, never>) => Promise<Reply>;
}

/** Gives the handler the types of its schemas. */
export function endpoint<Query extends Shape = Shape, Body extends Shape = Shape>(
  typed: Typed<Query, Body>,
): Endpoint {
  return typed;
}
