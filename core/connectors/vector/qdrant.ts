/** Calls to a vector connector as requests to Qdrant's REST API, and its answers. */
import * as z from 'zod';
import { SkillosError } from '../../errors/errors.ts';
import type { ErrorCode } from '../../errors/error-codes.ts';
import type { JsonObject, JsonValue } from '../../json.ts';

const MAX_DIMENSIONS = 65_536;
const MAX_POINTS = 1_000;
const MAX_SHOWN_CHARS = 300;

/** A part of a path; Qdrant itself takes more. */
const collection = z.string().regex(/^[\w-][\w.-]{0,254}$/, 'expected a name of letters, digits, _ . and -');
const vector = z.array(z.number()).min(1).max(MAX_DIMENSIONS);
const id = z.union([z.int().nonnegative(), z.string().min(1).max(64)]);
const object = z.record(z.string(), z.json());

const search = z
  .strictObject({
    collection,
    vector,
    limit: z.int().min(1).max(MAX_POINTS),
    filter: object.optional(),
  })
  .transform(({ collection: name, ...json }) => ({
    method: 'POST',
    path: `/collections/${name}/points/search`,
    json: { ...json, with_payload: true },
  }));

const upsert = z
  .strictObject({
    collection,
    points: z
      .array(z.strictObject({ id, vector, payload: object.optional() }))
      .min(1)
      .max(MAX_POINTS),
  })
  .transform(({ collection: name, points }) => ({
    method: 'PUT',
    path: `/collections/${name}/points`,
    query: { wait: true },
    json: { points },
  }));

const remove = z
  .strictObject({ collection, ids: z.array(id).min(1).max(MAX_POINTS) })
  .transform(({ collection: name, ids }) => ({
    method: 'POST',
    path: `/collections/${name}/points/delete`,
    query: { wait: true },
    json: { points: ids },
  }));

const collections = z.strictObject({}).transform(() => ({ method: 'GET', path: '/collections' }));

const OPERATIONS = { search, upsert, delete: remove, collections } as const;

/** The arguments of a request to an http connector. Throws `connector_invalid`. */
export function qdrantRequest(connector: string, operation: string, args: JsonObject): JsonObject {
  if (!isOperation(operation)) {
    const expected = `expected search, upsert or delete, got ${JSON.stringify(operation.slice(0, 40))}`;
    throw new SkillosError('connector_invalid', `Connector "${connector}" is a vector store: ${expected}`);
  }
  const parsed = OPERATIONS[operation].safeParse(args);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues as [z.core.$ZodIssue]; // a failure has issues
  const field = [operation, ...path].join('.');
  throw new SkillosError('connector_invalid', `Invalid ${field} to connector "${connector}": ${message}`);
}

function isOperation(text: string): text is keyof typeof OPERATIONS {
  return Object.hasOwn(OPERATIONS, text);
}

const match = z.object({ id, score: z.number(), payload: object.nullish() });
const answer = z.object({ result: z.json() });
const failure = z.object({ status: z.object({ error: z.string() }) });

export interface HttpOutcome {
  readonly status: number;
  readonly body: JsonValue;
}

/** Returns what the skill gets. Throws an error of connectors for any status but 2xx, and for what is not Qdrant's answer. */
export function qdrantAnswer(connector: string, operation: string, { status, body }: HttpOutcome): JsonValue {
  if (status < 200 || status > 299) throw refused(connector, status, body);
  const parsed = answer.safeParse(body);
  if (!parsed.success) throw foreign(connector);
  const { result } = parsed.data;
  if (operation !== 'search') return result;
  const matches = z.array(match).safeParse(result);
  if (!matches.success) throw foreign(connector);
  return matches.data.map(({ id: point, score, payload }) =>
    payload ? { id: point, score, payload } : { id: point, score },
  );
}

function foreign(connector: string): SkillosError {
  return new SkillosError(
    'connector_invalid',
    `Connector "${connector}": the server does not answer as Qdrant does`,
  );
}

function refused(connector: string, status: number, body: JsonValue): SkillosError {
  const text = failure.safeParse(body).data?.status.error;
  const why = text === undefined ? '' : `: ${beginningOf(text)}`;
  return new SkillosError(codeOf(status), `Connector "${connector}": the server answered ${status}${why}`, {
    details: { status },
  });
}

/** Without the word at the cut, because masking does not find a part of a secret. */
function beginningOf(text: string): string {
  return text.length > MAX_SHOWN_CHARS ? text.slice(0, MAX_SHOWN_CHARS).replace(/\S*$/, '...') : text;
}

function codeOf(status: number): ErrorCode {
  if (status === 429) return 'rate_limited';
  return status >= 500 ? 'connector_unreachable' : 'connector_invalid';
}
