/** In the skill process: the `ctx` of one call; what is said through it after the call's end is dropped. */
import { Buffer } from 'node:buffer';
import { inspect } from 'node:util';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { SkillContext } from '../../core/skill-api.ts';
import type { FromChild, ToChild } from './protocol.ts';
import { MAX_LOG_LINES } from './protocol.ts';

interface CallPorts {
  readonly signal: AbortSignal;
  /** Called before the skill gets the signal: from then on it may wait for nothing else. */
  readonly onSignalTaken: () => void;
  readonly isActive: () => boolean;
  readonly send: (message: FromChild) => void;
}

const MAX_VALUE_BYTES = 16 * 1024;
const MAX_MESSAGE_CHARS = 8192;

export function createContext(
  call: (ToChild & { type: 'call' })['context'],
  { signal, onSignalTaken, isActive, send }: CallPorts,
): SkillContext {
  let lines = 0;
  return Object.freeze({
    ...call,
    get signal() {
      onSignalTaken();
      return signal;
    },
    log(message: unknown, fields?: Record<string, unknown>): void {
      if (!isActive() || lines++ > MAX_LOG_LINES) return; // one line more than are kept: the worker says that it cut
      const text = String(message).slice(0, MAX_MESSAGE_CHARS);
      send({ type: 'log', message: text, ...(fields && { fields: logFields(fields) }) });
    },
    heartbeat(progress: unknown = null): void {
      const text = JSON.stringify(progress) ?? 'null';
      if (Buffer.byteLength(text) > MAX_VALUE_BYTES) {
        throw new RangeError(`Expected progress of at most ${MAX_VALUE_BYTES} bytes of JSON`);
      }
      if (isActive()) send({ type: 'heartbeat', progress: JSON.parse(text) as JsonValue });
    },
  });
}

/** Logging never fails a skill: fields that are no small JSON object are shown as Node would print them. */
function logFields(fields: Record<string, unknown>): JsonObject {
  try {
    const text = JSON.stringify(fields);
    const parsed = JSON.parse(text) as JsonValue;
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    if (isObject && Buffer.byteLength(text) <= MAX_VALUE_BYTES) return parsed as JsonObject;
  } catch {
    // a cycle or a BigInt
  }
  return { value: inspect(fields, { depth: 2 }).slice(0, MAX_MESSAGE_CHARS) };
}
