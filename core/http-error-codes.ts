/** The codes of requests that the REST API does not take. */
import type { CodeEntry } from './error-entry.ts';
import { conflict, input, missing, refused, unreachable, usage } from './error-entry.ts';

export const HTTP_ERROR_CODES = {
  token_missing: {
    ...refused,
    http: 401,
    meaning: 'The request brought no token, and this server answers nobody without one.',
    remedy: 'Send the header Authorization: Bearer <token>.',
  },
  origin_refused: {
    ...refused,
    meaning: 'A page of another site sent the request, or it was sent to a name that is not this server’s.',
    remedy: 'Allow the origin with SKILLOS_API_CORS_ORIGINS and send a token.',
  },
  endpoint_not_found: {
    ...missing,
    meaning: 'The API has no endpoint at this path.',
    remedy: 'Read what there is at /docs or /openapi.json.',
  },
  method_not_allowed: {
    ...usage,
    http: 405,
    meaning: 'The endpoint does not take this method; the header Allow says which it takes.',
    remedy: 'Read what there is at /docs or /openapi.json.',
  },
  query_invalid: {
    ...usage,
    meaning: 'A field of the query is unknown, given twice or of the wrong kind; the message names it.',
    remedy: 'Compare the request with its schema at /docs or /openapi.json.',
  },
  request_invalid: {
    ...input,
    meaning: 'A field of the request is unknown, missing or of the wrong kind; the message names it.',
    remedy: 'Compare the request with its schema at /docs or /openapi.json.',
  },
  body_invalid: {
    ...usage,
    meaning: 'The body is not JSON in UTF-8, names a field twice, or is nested deeper than 32 levels.',
    remedy: 'Send one JSON document, as RFC 8259 has it.',
  },
  body_too_large: {
    ...usage,
    http: 413,
    meaning: 'The body is larger than this server takes.',
    remedy: 'Send less, or raise SKILLOS_API_MAX_BODY_BYTES.',
  },
  media_type_unsupported: {
    ...usage,
    http: 415,
    meaning: 'The body is of a type or an encoding that the endpoint does not read.',
    remedy: 'Send the header Content-Type: application/json, and no Content-Encoding.',
  },
  request_timeout: {
    ...unreachable,
    http: 408,
    meaning: 'The request did not arrive whole in time.',
    remedy: 'Send it again, faster.',
  },
  uri_too_long: {
    ...usage,
    http: 414,
    meaning: 'The address of the request is longer than 8 KiB.',
    remedy: 'Send what is long in the body.',
  },
  headers_too_large: {
    ...usage,
    http: 431,
    meaning: 'The headers of the request are larger than 16 KiB, or more than 100.',
    remedy: 'Send fewer of them.',
  },
  bad_request: {
    ...usage,
    meaning: 'What arrived is not a request of HTTP/1.1.',
    remedy: 'Look for a proxy between that changes what is sent.',
  },
  server_stopping: {
    ...unreachable,
    meaning: 'This server is about to stop and takes nothing new.',
    remedy: 'Send the request again in a moment.',
  },
  address_in_use: {
    ...conflict,
    meaning: 'Something else listens at the address already.',
    remedy: 'Choose another port: skillos serve --port 8001',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
