/**
 * Messages between a worker and its skill processes, and their frames on one socket. Node's own IPC channel would share file
 * descriptor and format with skill code, and has no size limit.
 */
import { Buffer } from 'node:buffer';
import type { ModelTier } from '../../core/limits/budget.ts';
import type { ErrorCode } from '../../core/errors/error-codes.ts';
import type { LocalAttachment } from '../../core/attachments/attachment.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { SeenSession } from '../../core/sessions/session.ts';
import type { SkillSecrets } from '../../core/runs/skill-host.ts';

/** File descriptor of the socket in the skill process. */
export const CHANNEL_FD = 3;
export const MAX_OUTPUT_BYTES = 32 * 1024 * 1024;
/** Maximum of the message of a failure, once the worker has masked it. */
export const MAX_FAILURE_CHARS = 4096;
/** Text that is masked before it is cut may be this much longer, so that no part of a secret is left at the cut. */
export const MAX_SECRET_CHARS = 4096;
/** Maximum of log lines per run; the log is cut after it. */
export const MAX_LOG_LINES = 10_000;

export type ToChild =
  | {
      readonly type: 'load';
      /** Real path of the bundle. */
      readonly file: string;
      /** The bundle, if `file` is to be written first: the sandbox shows no other. */
      readonly code?: string;
      /** Real path of the skills root; errors name files relative to it. */
      readonly root: string;
      readonly export: string;
      readonly inputs?: JsonValue;
      readonly outputs?: JsonValue;
    }
  | {
      readonly type: 'call';
      readonly payload: JsonValue;
      /** The connectors that the manifest declares. */
      readonly connectors?: readonly string[];
      readonly secrets?: SkillSecrets;
      readonly attachments?: readonly LocalAttachment[];
      readonly context: {
        readonly runId: string;
        readonly step: number;
        readonly attempt: number;
        readonly idempotencyKey: string;
        readonly principal: { readonly subject: string; readonly roles: readonly string[] };
        readonly tier: ModelTier;
        readonly traceparent?: string;
        readonly session?: SeenSession;
      };
    }
  /** Loads the bundle without a call; the answer is that of a call that returns null. */
  | { readonly type: 'check' }
  /** Loads the bundle without a call; the answer is `ExportedSchemas`. */
  | { readonly type: 'describe' }
  | { readonly type: 'cancel'; readonly reason: string }
  /** Answers of connector calls. */
  | { readonly type: 'connector_result'; readonly id: number; readonly value: JsonValue }
  | { readonly type: 'connector_failed'; readonly id: number; readonly failure: Failure };

/** Failure of a call, as the skill process reports it. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: JsonObject;
  /** For the log; paths are relative to the root. */
  readonly stack?: string;
}

export type FromChild =
  /** The process listens. */
  | { readonly type: 'ready' }
  | { readonly type: 'log'; readonly message: string; readonly fields?: JsonObject }
  | { readonly type: 'heartbeat'; readonly progress: JsonValue }
  /** Ids increase. The worker answers each call once, unless the call of the skill has ended. */
  | {
      readonly type: 'connector_call';
      readonly id: number;
      readonly connector: string;
      readonly operation: string;
      readonly args: JsonObject;
    }
  | { readonly type: 'connector_cancel'; readonly id: number }
  /** The process must not be reused: work of a call is still running, or the bundle did not load. */
  | { readonly type: 'unusable' }
  /** The process was unusable before the call, which was not begun. */
  | { readonly type: 'refused' }
  | { readonly type: 'failed'; readonly failure: Failure };

/** A message as JSON, or the JSON text of a result, which the worker passes on unparsed. */
export type Frame =
  { readonly kind: 'message'; readonly text: string } | { readonly kind: 'result'; readonly text: string };

const KINDS = ['message', 'result'] as const;
/** Length of the body (4 bytes, big endian), then the index of its kind. */
const HEADER_BYTES = 5;

export function encodeFrame({ kind, text }: Frame): Buffer {
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + length);
  frame.writeUInt32BE(length, 0);
  frame.writeUInt8(KINDS.indexOf(kind), 4);
  frame.write(text, HEADER_BYTES);
  return frame;
}

export class FrameReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #needed = HEADER_BYTES;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Yields the frames that this chunk completes. Throws `TypeError` if the bytes are not a frame. */
  *push(chunk: Buffer): Generator<Frame> {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes >= this.#needed) {
      const data = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
      const length = data.readUInt32BE(0);
      const kind = KINDS[data.readUInt8(4)];
      if (!kind || length > this.#maxBytes) throw new TypeError('Not a frame');
      const end = HEADER_BYTES + length;
      const complete = data.length >= end;
      const rest = complete ? data.subarray(end) : data;
      this.#chunks = [rest];
      this.#bytes = rest.length;
      this.#needed = complete ? HEADER_BYTES : end;
      if (complete) yield { kind, text: data.toString('utf8', HEADER_BYTES, end) };
      chunk = rest;
    }
  }
}
