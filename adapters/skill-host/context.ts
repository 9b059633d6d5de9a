/** Runs in the skill process: creates the `ctx` of one call. Messages after the end of the call are dropped. */
import { Buffer } from 'node:buffer';
import { inspect } from 'node:util';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Connectors, SkillContext } from '../../core/skill-api.ts';
import { wholeLines } from './failure.ts';
import { lossIn } from './json-loss.ts';
import type { ConnectorLink } from './skill-connectors.ts';
import { skillConnectors } from './skill-connectors.ts';
import { skillSecrets } from './skill-secrets.ts';
import { skillAttachments } from './skill-attachments.ts';
import type { FromChild, ToChild } from './protocol.ts';
import { MAX_LOG_LINES, MAX_SECRET_CHARS } from './protocol.ts';

interface CallPorts {
  readonly signal: AbortSignal;
  /** Called when the skill reads `ctx.signal`, because it may then wait for the signal alone. */
  readonly onSignalTaken: () => void;
  readonly isActive: () => boolean;
  /** Called when the skill first reads `ctx.connectors`. */
  readonly openLink: () => ConnectorLink;
  readonly send: (message: FromChild) => void;
}

const MAX_VALUE_BYTES = 16 * 1024;
const MAX_MESSAGE_CHARS = 8192;
/** Strings are not cut by themselves. */
const INSPECTED = { depth: 2, maxStringLength: Infinity };

export function createContext(
  {
    context,
    attachments,
    connectors: declared = [],
    secrets = {},
  }: Pick<ToChild & { type: 'call' }, 'context' | 'attachments' | 'connectors' | 'secrets'>,
  { signal, onSignalTaken, isActive, openLink, send }: CallPorts,
): SkillContext {
  let lines = 0;
  let connectors: Connectors | undefined;
  return Object.freeze({
    ...context,
    attachments: skillAttachments(attachments),
    secrets: skillSecrets(secrets),
    get connectors() {
      return (connectors ??= skillConnectors(declared, openLink()));
    },
    get signal() {
      onSignalTaken();
      return signal;
    },
    log(message: unknown, fields?: Record<string, unknown>): void {
      if (!isActive() || lines++ > MAX_LOG_LINES) return; // one line more than are kept, so that the worker notices the cut
      // The worker masks the message before it cuts the rest.
      const text = String(message).slice(0, MAX_MESSAGE_CHARS + MAX_SECRET_CHARS);
      send({ type: 'log', message: text, ...(fields && { fields: logFields(fields) }) });
    },
    heartbeat(progress: unknown = null): void {
      const text = JSON.stringify(progress, showLoss) ?? 'null';
      if (Buffer.byteLength(text) > MAX_VALUE_BYTES) {
        throw new RangeError(`Expected progress of at most ${MAX_VALUE_BYTES} bytes of JSON`);
      }
      if (isActive()) send({ type: 'heartbeat', progress: JSON.parse(text) as JsonValue });
    },
  });
}

/** Logging never fails: fields that are not a small JSON object are formatted with `util.inspect`. */
function logFields(fields: Record<string, unknown>): JsonObject {
  try {
    const text = JSON.stringify(fields, showLoss);
    const parsed = JSON.parse(text) as JsonValue;
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    if (isObject && Buffer.byteLength(text) <= MAX_VALUE_BYTES) return parsed as JsonObject;
  } catch {
    // a cycle, or a toJSON that throws
  }
  return { value: wholeLines(inspect(fields, INSPECTED), MAX_MESSAGE_CHARS) };
}

/** Replacer for `JSON.stringify`: values that JSON cannot hold, such as an error, are formatted with `util.inspect`. */
function showLoss(this: unknown, key: string, value: unknown): unknown {
  const original = (this as Readonly<Record<string, unknown>>)[key];
  if (lossIn(value, original) === undefined) return value;
  return wholeLines(inspect(original, INSPECTED), MAX_MESSAGE_CHARS);
}
