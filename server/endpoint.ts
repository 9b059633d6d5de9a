/** What an endpoint is: one entry from which routing, checking and the OpenAPI document are made. */
import type { Readable } from 'node:stream';
import type * as z from 'zod';
import type { Actor } from '../client/actor.ts';
import type { JsonObject } from '../core/json.ts';
import type { Rights } from '../core/permission-policy.ts';
import type { Services } from './services.ts';

export type Tag = 'Runs' | 'Approvals' | 'Skills' | 'Operations' | 'Health' | 'Documents';

export interface Call<Query, Body> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** Of the request itself; undefined where it is absent. */
  readonly header: (name: string) => string | undefined;
  readonly requestId: string;
  /** A ULID for the id of a run; absent where the caller chose the id of the request. */
  readonly runTag: string | undefined;
  /** Aborts when the client has gone or the server is about to stop. */
  readonly signal: () => AbortSignal;
  readonly services: Services;
  /** The caller, in one of its roles where one is named. Rejects as `callerOf` does. */
  readonly rights: (role?: string) => Promise<Rights>;
  /** The caller as somebody who changes something. */
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

/** What a reply is documented as: a schema of its JSON, or the content type of something else. */
export interface ReplyDoc {
  readonly description: string;
  readonly schema?: z.ZodType;
  readonly type?: string;
}

type Shape = z.ZodObject;

interface Description {
  readonly method: 'GET' | 'POST';
  /** With `:name` for each parameter; further paths lead to the same. */
  readonly path: string;
  readonly aliases?: readonly string[];
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  /** `open` answers anybody and is never limited. */
  readonly access: 'open' | 'caller';
  readonly replies: Readonly<Record<number, ReplyDoc>>;
  /** Request headers that the endpoint reads, with what they mean. */
  readonly headers?: Readonly<Record<string, string>>;
}

interface Typed<Query extends Shape, Body extends Shape> extends Description {
  readonly query?: Query;
  /** A body may be left out where `{}` fits the schema. */
  readonly body?: Body;
  readonly handle: (call: Call<z.output<Query>, z.output<Body>>) => Promise<Reply>;
}

export interface Endpoint extends Description {
  readonly query?: Shape;
  readonly body?: Shape;
  readonly handle: (call: Call<never, never>) => Promise<Reply>;
}

/** Ties the handler to its schemas. */
export function endpoint<Query extends Shape = Shape, Body extends Shape = Shape>(
  typed: Typed<Query, Body>,
): Endpoint {
  return typed;
}
