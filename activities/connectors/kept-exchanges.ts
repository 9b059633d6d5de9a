/** Keeps the connector calls of an attempt with arguments and answers, for `skillos record`. */
import { maskedJson } from '../../adapters/secrets/masked.ts';
import type { ConnectorCall } from '../../core/connectors/connector.ts';
import { isSkillosError } from '../../core/errors/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { OutputMask } from '../../core/settings/masking.ts';
import type { Journal } from '../../core/storage/journal.ts';
import { exchangeLogName } from '../../core/values/run-id.ts';

/** Limits of one attempt. What comes after them is not kept, and the run is not recordable. */
const MAX_CALLS = 1000;
const MAX_BYTES = 8 * 1024 * 1024;

export interface KeptExchanges {
  /** Resolves or rejects as `answer` does. */
  keep(call: ConnectorCall, answer: Promise<JsonValue>): Promise<JsonValue>;
  /** Resolves when the exchanges are stored, or dropped because the log cannot be written. */
  close(): Promise<void>;
}

interface KeepingOptions {
  readonly journal: Journal;
  readonly runId: string;
  readonly where: { readonly step: number; readonly attempt: number };
  /** For the secrets of the skill; the answers do not hold those of the connector. */
  readonly mask: OutputMask | undefined;
}

export function keepExchanges({ journal, runId, where, mask }: KeepingOptions): KeptExchanges {
  const kept: { exchange?: JsonObject }[] = [];
  let bytes = 0;
  let isCut = false;

  /** In the order in which calls began. */
  function place(): { exchange?: JsonObject } | undefined {
    isCut ||= kept.length >= MAX_CALLS;
    if (isCut) return undefined;
    const entry = {};
    kept.push(entry);
    return entry;
  }

  function fill(entry: { exchange?: JsonObject } | undefined, exchange: JsonObject): void {
    bytes += JSON.stringify(exchange).length;
    isCut ||= bytes > MAX_BYTES;
    if (entry !== undefined && !isCut) entry.exchange = mask ? maskedJson(exchange, mask) : exchange;
  }

  return {
    async keep({ connector, operation, args }, answer) {
      const entry = place();
      try {
        const value = await answer;
        fill(entry, { connector, operation, args, value });
        return value;
      } catch (error) {
        if (isSkillosError(error)) {
          const { code, message } = error;
          fill(entry, { connector, operation, args, error: { code, message } });
        }
        throw error;
      }
    },
    async close() {
      const entries = kept.flatMap(({ exchange }) => (exchange ? [{ ...where, exchange }] : []));
      const all = isCut ? [...entries, { ...where, cut: true }] : entries;
      // A failure here must not fail a step that has had its effect.
      if (all.length > 0) await journal.append(exchangeLogName(runId), all).catch(() => undefined);
    },
  };
}
