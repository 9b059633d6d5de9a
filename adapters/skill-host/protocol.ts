/** What a worker and its skill processes say to each other over one socket, and how it is framed. */
import { Buffer } from 'node:buffer';
import type { ModelTier } from '../../core/budget.ts';
import type { ErrorCode } from '../../core/error-codes.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';

/** File descriptor of the socket in the skill process. */
export const CHANNEL_FD = 3;
export const MAX_OUTPUT_BYTES = 32 * 1024 * 1024;
/** Of one run, after which its log is cut. */
export const MAX_LOG_LINES = 10_000;

export type ToChild =
  | {
      readonly type: 'load';
      /** Real path of the bundle. */
      readonly file: string;
      /** Real path of the skills root; errors name files relative to it. */
      readonly root: string;
      readonly export: string;
      readonly inputs?: JsonValue;
      readonly outputs?: JsonValue;
    }
  | {
      readonly type: 'call';
      readonly payload: JsonValue;
      readonly context: {
        readonly runId: string;
        readonly step: number;
        readonly attempt: number;
        readonly idempotencyKey: string;
        readonly principal: { readonly subject: string; readonly roles: readonly string[] };
        readonly tier: ModelTier;
      };
    }
  /** Answered like a call that returns null, once the bundle is loaded. */
  | { readonly type: 'check' }
  | { readonly type: 'cancel'; readonly reason: string };

/** Why a call failed, as the skill process saw it. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: JsonObject;
  /** For the log; paths are relative to the root. */
  readonly stack?: string;
}

export type FromChild =
  /** It runs, and listens. */
  | { readonly type: 'ready' }
  | { readonly type: 'log'; readonly message: string; readonly fields?: JsonObject }
  | { readonly type: 'heartbeat'; readonly progress: JsonValue }
  /** The process must not be used again: something of a call lives on, or it could not load. */
  | { readonly type: 'spoilt' }
  /** It was spoilt before the call came, which was not begun. */
  | { readonly type: 'refused' }
  | { readonly type: 'failed'; readonly failure: Failure };

/** A message as JSON, or the JSON text of a result, which nobody on the way needs to parse. */
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

  /** The frames that this chunk completes. Throws `TypeError` where the bytes are no frame. */
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
