/** The worker's side of the connector calls of one exchange: at most 32 at once, and all end with it. */
import { AsyncResource } from 'node:async_hooks';
import { Buffer } from 'node:buffer';
import { MAX_ANSWER_BYTES, MAX_CALLS_IN_FLIGHT } from '../../core/connectors/connector.ts';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import type { SkillHooks } from '../../core/runs/skill-host.ts';
import type { Failure, FromChild, ToChild } from './protocol.ts';

export interface CallLink {
  readonly onConnectorCall: SkillHooks['onConnectorCall'];
  /**
   * Sends the JSON text of a message. `sent` is called when the kernel has taken it, so a process that never reads gets no
   * further call.
   */
  sendText(text: string, sent: () => void): void;
}

const MAX_UNREAD_BYTES = 2 * MAX_ANSWER_BYTES;

export class ConnectorCalls {
  readonly #link: CallLink;
  readonly #calls = new Map<number, AbortController>();
  /** Size of the answers that the process has not read. */
  #unreadBytes = 0;
  #lastId = 0;
  #hasEnded = false;

  /** The hook runs in the async context of the exchange; calls arrive in the one that started the process. */
  constructor(link: CallLink) {
    const { onConnectorCall } = link;
    this.#link = { ...link, onConnectorCall: onConnectorCall && AsyncResource.bind(onConnectorCall) };
  }

  /** Throws `TypeError` if the process breaks the protocol: more calls than allowed, or an id that it has used. */
  begin({ id, connector, operation, args }: FromChild & { readonly type: 'connector_call' }): void {
    if (id <= this.#lastId || this.#calls.size >= MAX_CALLS_IN_FLIGHT) throw new TypeError('Not a call');
    this.#lastId = id;
    if (this.#hasEnded) return;
    const abort = new AbortController();
    this.#calls.set(id, abort);
    void this.#answer(id, () => {
      if (this.#link.onConnectorCall)
        return this.#link.onConnectorCall({ connector, operation, args }, abort.signal);
      throw new SkillosError('connector_not_declared', 'Connectors cannot be called here');
    });
  }

  /** The answer of a cancelled call is still sent, as its slot is free only then. */
  cancel(id: number): void {
    this.#calls.get(id)?.abort();
  }

  /** Aborts all calls; nothing is sent any more. */
  end(): void {
    this.#hasEnded = true;
    for (const abort of this.#calls.values()) abort.abort();
  }

  async #answer(id: number, work: () => Promise<JsonValue>): Promise<void> {
    const { text, bytes } = await this.#answerOf(id, work);
    if (this.#hasEnded) return;
    this.#link.sendText(text, () => {
      this.#unreadBytes -= bytes;
      this.#calls.delete(id);
    });
  }

  async #answerOf(id: number, work: () => Promise<JsonValue>): Promise<Answer> {
    try {
      const value = JSON.stringify(await work());
      const bytes = Buffer.byteLength(value);
      assertFits(bytes, this.#unreadBytes);
      this.#unreadBytes += bytes;
      return { text: resultText(id, value), bytes };
    } catch (error) {
      const failed: ToChild = { type: 'connector_failed', id, failure: failureOf(error) };
      return { text: JSON.stringify(failed), bytes: 0 };
    }
  }
}

interface Answer {
  /** The JSON text of the message. */
  readonly text: string;
  /** 0 for a failure, which is small. */
  readonly bytes: number;
}

/** A `connector_result`, put together from the JSON text of its value, because answers may be large. */
function resultText(id: number, value: string): string {
  return `{"type":"connector_result","id":${id},"value":${value}}`;
}

/** The worker keeps answers in memory until the process reads them, so their sum has a limit too. */
function assertFits(bytes: number, unreadBytes: number): void {
  if (bytes > MAX_ANSWER_BYTES) {
    const message = `Expected an answer of at most ${MAX_ANSWER_BYTES} bytes of JSON, got ${bytes}`;
    throw new SkillosError('response_too_large', message);
  }
  if (bytes + unreadBytes > MAX_UNREAD_BYTES) {
    const message = `Expected the skill to read its answers: ${unreadBytes} bytes wait, and ${bytes} more came`;
    throw new SkillosError('response_too_large', message);
  }
}

/** A failure that is not one of ours is a fault of SkillOS, or of an aborted call; its message may hold anything. */
function failureOf(error: unknown): Failure {
  if (!isSkillosError(error)) return { code: 'internal', message: 'The call of the connector failed' };
  const { code, message, details } = error;
  return { code, message, ...(details && { details }) };
}
