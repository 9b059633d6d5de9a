/** The call of a skill to a sql connector, and its limits. */
import * as z from 'zod';
import { SkillosError } from '../../errors/errors.ts';
import type { JsonObject, JsonValue } from '../../json.ts';

export interface SqlQuery {
  readonly sql: string;
  readonly params: readonly JsonValue[];
}

export const MAX_ROWS = 10_000;
/** Maximum of one answer. */
export const MAX_SQL_BYTES = 10 * 1024 * 1024;
const MAX_SQL_CHARS = 256 * 1024;

const NO_NUL = 'expected text without U+0000';
const isWithoutNul = (value: unknown): boolean => typeof value !== 'string' || !value.includes('\0');
const query = z.strictObject({
  sql: z.string().min(1).max(MAX_SQL_CHARS).refine(isWithoutNul, NO_NUL),
  params: z.array(z.json().refine(isWithoutNul, NO_NUL)),
});

/** Throws `connector_invalid`, without values in the message. */
export function readQuery(connector: string, operation: string, args: JsonObject): SqlQuery {
  if (operation !== 'query') {
    const message = `Connector "${connector}" is a database: expected query, got ${JSON.stringify(operation.slice(0, 40))}`;
    throw new SkillosError('connector_invalid', message);
  }
  const parsed = query.safeParse(args);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues as [z.core.$ZodIssue]; // a failure has issues
  const field = ['query', ...path].join('.');
  throw new SkillosError('connector_invalid', `Invalid ${field} to connector "${connector}": ${message}`);
}

export function tooManyRows(connector: string): SkillosError {
  const message = `Connector "${connector}": the query returned more than ${MAX_ROWS} rows`;
  return new SkillosError('sql_too_many_rows', message);
}

export function tooManyBytes(connector: string): SkillosError {
  const message = `Connector "${connector}": the answer is larger than ${MAX_SQL_BYTES / 1024 / 1024} MiB`;
  return new SkillosError('response_too_large', message);
}

export function tooLate(connector: string, timeoutMs: number): SkillosError {
  const message = `Connector "${connector}": the database did not answer within ${timeoutMs} ms`;
  return new SkillosError('connector_timeout', message);
}

const VERBS = /^\s*(select|insert|update|delete|merge|with|values|create|alter|drop|explain)\b/i;

/** For the report of a call: the first word of the statement, or `query`. */
export function verbOf(sql: string): string {
  return VERBS.exec(sql)?.[1]?.toLowerCase() ?? 'query';
}
