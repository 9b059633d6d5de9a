/** Exchanges with connectors: what runs keep of them, and how they answer the calls of a test. */
import * as z from 'zod';
import type { ConnectorCall } from '../connectors/connector.ts';
import { isErrorCode } from '../errors/error-codes.ts';
import { SkillosError } from '../errors/errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { SkillId } from '../values/skill-id.ts';
import { differenceAt } from './difference.ts';

const json = z.json() as z.ZodType<JsonValue>;
const errorCode = z.string().refine(isErrorCode, 'expected an error code, such as connector_timeout');

/** A call and its answer or its failure. A field of `args` that is absent may have any value. */
const exchange = z
  .strictObject({
    connector: z.string(),
    operation: z.enum(['request', 'query', 'search', 'upsert', 'delete']),
    args: z.record(z.string(), json).default({}),
    value: json.optional(),
    error: z.object({ code: errorCode, message: z.string() }).optional(),
  })
  .refine(({ value, error }) => (value === undefined) !== (error === undefined), {
    error: 'expected either value or error',
  });

export const exchangesSchema = z.array(exchange).readonly();

export type ConnectorExchange = z.output<typeof exchange>;

/** Path below the root of the answers for tests of a skill that replay no recording. */
export function answersFile(skill: SkillId): string {
  return `tests/fixtures/${skill}.connectors.json`;
}

/**
 * Each exchange answers once, in order; the last one that fits a call answers all further ones. The function returned throws
 * the recorded failure, or `connector_invalid` for a call that no exchange fits. With `isMocked`, connectors of which there is
 * no exchange answer with something empty.
 */
export function createAnswers(
  exchanges: readonly ConnectorExchange[],
  { isMocked }: { readonly isMocked: boolean },
): (call: ConnectorCall) => JsonValue {
  const known = new Set(exchanges.map(({ connector }) => connector));
  const used = new Set<ConnectorExchange>();
  return (call) => {
    if (isMocked && !known.has(call.connector)) return emptyAnswer(call);
    const fitting = exchanges.filter((each) => fits(each, call));
    const found = fitting.find((each) => !used.has(each)) ?? fitting.at(-1);
    if (found === undefined) {
      const message = `No answer is recorded for ${call.connector} ${call.operation} ${JSON.stringify(call.args).slice(0, MAX_SHOWN)}`;
      throw new SkillosError('connector_invalid', message);
    }
    used.add(found);
    if (found.error !== undefined) throw new SkillosError(found.error.code, found.error.message);
    return found.value as JsonValue;
  };
}

const MAX_SHOWN = 300;

function fits(exchanged: ConnectorExchange, { connector, operation, args }: ConnectorCall): boolean {
  if (exchanged.connector !== connector || exchanged.operation !== operation) return false;
  return Object.entries(exchanged.args).every(
    ([name, expected]) => args[name] !== undefined && differenceAt(expected, args[name]) === undefined,
  );
}

function emptyAnswer({ operation, args }: ConnectorCall): JsonValue {
  switch (operation) {
    case 'request': {
      const { method = 'GET', path = '' } = args as { readonly method?: string; readonly path?: string };
      const headers = { 'content-type': 'application/json' };
      return { status: 200, headers, body: { mocked: true, method, path } };
    }
    case 'query':
      return { rows: [], row_count: 0 };
    case 'search':
      return [];
    default:
      return { mocked: true };
  }
}

/** An exchange of a run, as a worker keeps it. */
export type KeptExchange = JsonObject & {
  readonly step: number;
  readonly attempt: number;
  readonly exchange: ConnectorExchange & JsonObject;
};

/** Returns the exchanges of the last attempt of each step, in order. */
export function lastExchanges(kept: readonly KeptExchange[]): readonly ConnectorExchange[] {
  const last = new Map<number, number>();
  for (const { step, attempt } of kept) last.set(step, Math.max(attempt, last.get(step) ?? 0));
  return kept.filter(({ step, attempt }) => last.get(step) === attempt).map(({ exchange: each }) => each);
}
