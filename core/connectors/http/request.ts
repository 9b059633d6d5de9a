/** Reads the request that a skill asks an http connector for. */
import * as z from 'zod';
import { SkillosError } from '../../errors/errors.ts';
import type { JsonObject } from '../../json.ts';
import { isBase64 } from '../../values/base64.ts';
import { headerValue, headersWith } from './header.ts';
import type { HttpQuery } from './target.ts';

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const MAX_PATH_CHARS = 8192;
const QUERY_RULE = 'expected a text, a number, true, false or a list of texts';

export type HttpMethod = (typeof METHODS)[number];

interface HttpBody {
  readonly text: string;
  /** What the text is: itself, or bytes as base64. */
  readonly encoding: 'utf8' | 'base64';
  /** Unless a header says otherwise. */
  readonly contentType?: string;
}

export interface HttpRequest {
  readonly method: HttpMethod;
  /** Below the base_url; checked when the URL is made. */
  readonly path: string;
  readonly query: HttpQuery;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: HttpBody;
  readonly timeoutMs?: number;
}

const schema = z
  .strictObject({
    method: z.string().toUpperCase().pipe(z.enum(METHODS)).default('GET'),
    path: z.string().max(MAX_PATH_CHARS).default(''),
    query: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())], QUERY_RULE))
      .default({}),
    headers: headersWith(headerValue).default({}),
    json: z.unknown().optional(),
    body: z.string().optional(),
    body_base64: z.string().refine(isBase64, 'expected base64').optional(),
    timeoutMs: z.number().positive().optional(),
  })
  .refine(({ json, body, body_base64 }) => [json, body, body_base64].filter(isGiven).length <= 1, {
    error: 'expected either json or body',
  });

/** Throws `connector_invalid`, whose message names the connector, the field and what was expected. */
export function readHttpRequest(connector: string, args: JsonObject): HttpRequest {
  const parsed = schema.safeParse(args);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues as [z.core.$ZodIssue];
    const field = path.length === 0 ? '' : ` ${JSON.stringify(path.join('.'))} of the`;
    throw new SkillosError(
      'connector_invalid',
      `Invalid${field} request to connector "${connector}": ${message}`,
    );
  }
  const { method, path, query, timeoutMs, headers: given, ...content } = parsed.data;
  const body = bodyOf(content);
  const lower = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    method,
    path,
    query,
    headers: Object.fromEntries(lower),
    ...(body && { body }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}

type Content = Pick<z.output<typeof schema>, 'json' | 'body' | 'body_base64'>;

function bodyOf({ json, body, body_base64: base64 }: Content): HttpBody | undefined {
  if (base64 !== undefined) return { text: base64, encoding: 'base64' };
  if (body !== undefined) return { text: body, encoding: 'utf8' };
  if (json === undefined) return undefined;
  return { text: JSON.stringify(json), encoding: 'utf8', contentType: 'application/json' };
}

function isGiven(value: unknown): boolean {
  return value !== undefined;
}
