/** Runs in the skill process: `ctx.connectors`, whose calls the worker makes. */
import { Buffer } from 'node:buffer';
import { MAX_CALLS_IN_FLIGHT, MAX_CALL_BYTES } from '../../core/connectors/connector.ts';
import type { ConnectorCall } from '../../core/connectors/connector.ts';
import type { JsonValue } from '../../core/json.ts';
import type { Connectors } from '../../core/skill-api.ts';
import { declaredOnly } from './declared-only.ts';
import { ConnectorError } from './failure.ts';
import { refusingLoss } from './json-loss.ts';
import type { Failure, ToChild } from './protocol.ts';

interface Waiting {
  readonly text: string;
  resolve(value: JsonValue): void;
  reject(error: unknown): void;
}

export interface ConnectorPorts {
  /** Aborts when the call of the skill is cancelled. */
  readonly signal: AbortSignal;
  readonly isActive: () => boolean;
  /** Sends the JSON text of a message. */
  readonly sendText: (text: string) => void;
  /** Called when the first call begins to wait, and when none waits any more. */
  readonly onWaiting: (isWaiting: boolean) => void;
}

/** Ids are never used twice in one process, so an answer that is late belongs to no later call. */
let lastId = 0;

/** The calls of one call of the skill. */
export class ConnectorLink {
  readonly #ports: ConnectorPorts;
  readonly #sent = new Map<number, Waiting>();
  readonly #queue = new Map<number, Waiting>();

  constructor(ports: ConnectorPorts) {
    this.#ports = ports;
    ports.signal.addEventListener('abort', () => this.#end(ports.signal.reason), { once: true });
  }

  call(call: ConnectorCall, signal?: AbortSignal): Promise<JsonValue> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      this.#ports.signal.throwIfAborted();
      if (!this.#ports.isActive())
        throw new ConnectorError('connector_invalid', 'The call of the skill has ended');
      const id = ++lastId;
      const text = callText({ type: 'connector_call', id, ...call });
      const onAbort = () => this.#cancel(id, signal?.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      const settled =
        <T>(next: (value: T) => void) =>
        (value: T) => {
          signal?.removeEventListener('abort', onAbort);
          next(value);
        };
      if (this.#sent.size + this.#queue.size === 0) this.#ports.onWaiting(true);
      this.#queue.set(id, { text, resolve: settled(resolve), reject: settled(reject) });
      this.#sendQueued();
    });
  }

  /** Takes an answer of the worker; ignores that of a call which has ended. */
  settle(answer: ToChild & { readonly type: 'connector_result' | 'connector_failed' }): void {
    const call = this.#sent.get(answer.id);
    if (call === undefined) return;
    this.#sent.delete(answer.id);
    if (answer.type === 'connector_result') call.resolve(answer.value);
    else call.reject(errorOf(answer.failure));
    this.#sendQueued();
    this.#noteIdle();
  }

  /** Leaves the calls without an answer: a rejection that nobody handles would end the process. */
  drop(): void {
    this.#sent.clear();
    this.#queue.clear();
  }

  #end(reason: unknown): void {
    const calls = [...this.#sent.values(), ...this.#queue.values()];
    this.#sent.clear();
    this.#queue.clear();
    for (const call of calls) call.reject(reason);
    if (calls.length > 0) this.#ports.onWaiting(false);
  }

  #sendQueued(): void {
    for (const [id, call] of this.#queue) {
      if (this.#sent.size >= MAX_CALLS_IN_FLIGHT) return;
      this.#queue.delete(id);
      this.#sent.set(id, call);
      this.#ports.sendText(call.text);
    }
  }

  /** A call that was sent keeps its slot until the worker answers. */
  #cancel(id: number, reason: unknown): void {
    const queued = this.#queue.get(id);
    if (queued !== undefined) {
      this.#queue.delete(id);
      queued.reject(reason);
      this.#noteIdle();
      return;
    }
    this.#sent.get(id)?.reject(reason);
    this.#ports.sendText(JSON.stringify({ type: 'connector_cancel', id }));
  }

  #noteIdle(): void {
    if (this.#sent.size + this.#queue.size === 0) this.#ports.onWaiting(false);
  }
}

/** The connectors that the manifest declares. Any other name throws `connector_not_declared`. */
export function skillConnectors(names: readonly string[], link: ConnectorLink): Connectors {
  const connectors = new Map(names.map((name) => [name, methodsOf(name, link)]));
  return declaredOnly({
    field: 'connectors',
    names,
    read: (name) => connectors.get(name),
    isEnumerable: true,
  });
}

/** The operations of all kinds; the worker refuses those of another kind. */
function methodsOf(connector: string, link: ConnectorLink) {
  const operation = (name: string) => (options: { readonly signal?: AbortSignal }) => {
    const { signal, ...args } = options;
    return link.call({ connector, operation: name, args }, signal); // the worker checks them
  };
  return Object.freeze({
    request: (options: { readonly body?: unknown; readonly signal?: AbortSignal }) =>
      operation('request')(withBytes(options)),
    query: async (sql: string, params: readonly JsonValue[] = []) => {
      assertNoBytes(params);
      return link.call({ connector, operation: 'query', args: { sql, params } });
    },
    search: operation('search'),
    upsert: operation('upsert'),
    delete: operation('delete'),
  });
}

function withBytes(options: { readonly body?: unknown; readonly signal?: AbortSignal }) {
  const { body, ...rest } = options;
  if (!(body instanceof Uint8Array)) return options;
  return { ...rest, body_base64: Buffer.from(body.buffer, body.byteOffset, body.length).toString('base64') };
}

/** A Buffer would arrive as the text of an object that describes it. */
function assertNoBytes(params: readonly unknown[]): void {
  if (Array.isArray(params) && params.some((value) => ArrayBuffer.isView(value)))
    throw notJson('got bytes as a value of the query; pass them as text, such as hex');
}

function callText(message: object): string {
  const text = JSON.stringify(message, refusingLoss(notJson));
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_CALL_BYTES) return text;
  const expected = `Expected a call of at most ${MAX_CALL_BYTES} bytes of JSON, got ${bytes}`;
  throw new ConnectorError('connector_invalid', expected);
}

function notJson(reason: string): ConnectorError {
  return new ConnectorError('connector_invalid', `Expected a call whose arguments are JSON: ${reason}`);
}

function errorOf({ code, message, details }: Failure): ConnectorError {
  return new ConnectorError(code, message, details);
}
