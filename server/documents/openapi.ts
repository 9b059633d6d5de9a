/** Builds the OpenAPI 3.1 document from the endpoints and the schemas that check their requests. */
import * as z from 'zod';
import manifest from '../../package.json' with { type: 'json' };
import type { JsonObject } from '../../core/json.ts';
import type { Endpoint, ReplyDoc, Tag } from '../http/endpoint.ts';
import { PROBLEM_TYPE } from '../http/problem.ts';
import { problem } from '../schemas/parts.ts';

const TAGS: Readonly<Record<Tag, string>> = {
  Runs: 'Start, follow and control runs.',
  Schedules: 'Runs that start by time.',
  Jobs: 'Enqueue runs, and control what is enqueued.',
  Webhooks: 'Deliveries from other services, which prove themselves by a signature.',
  Approvals: 'Decide on runs that wait for an approval.',
  Skills: 'The skills of the root.',
  Feedback: 'Say if the router chose the right skill; the router learns from it.',
  Operations: 'Budget, circuits and metrics for operators.',
  Health: 'State of the server; needs no token.',
  Documents: 'Descriptions of this API.',
};

const REFERENCE = '#/components/schemas/';

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'The request is malformed.',
  401: 'A token is missing or is not accepted.',
  403: 'The caller may not do this, or another site sent the request.',
  404: 'It does not exist, or the caller may not see it.',
  409: 'It conflicts with the present state: already decided, or ended.',
  413: 'The body is too large.',
  415: 'The body is not JSON in UTF-8.',
  422: 'A field does not fit its schema, or the payload does not fit the inputs of the skill.',
  429: 'Too many requests; `Retry-After` says how long to wait.',
  503: 'A service that the server needs is unavailable, or the server is stopping; try again.',
};

/** Statuses that only requests with a body can have. */
const BODY_PROBLEMS = new Set([413, 415, 422]);

/** Returns the document for the endpoints given. */
export function openApiDocument(endpoints: readonly Endpoint[]): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(endpoint) };
  }
  const used = new Set(endpoints.map(({ tag }) => tag));
  return {
    openapi: '3.1.0',
    info: {
      title: 'SkillOS',
      version: manifest.version,
      description: `${manifest.description}. Ids of skills are taken as \`domain.name\`, \`domain%2Fname\` and \`domain/name\`.`,
      license: { name: manifest.license, identifier: manifest.license },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(TAGS)
      .filter(([name]) => used.has(name as Tag))
      .map(([name, description]) => ({ name, description })),
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'Required if the server has a key for tokens.',
        },
      },
      schemas: componentSchemas(),
    },
  };
}

function operation(endpoint: Endpoint): JsonObject {
  const { id, tag, summary, access, body, takesRawBody } = endpoint;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(access === 'open' ? { security: [] } : {}),
    parameters: parametersOf(endpoint),
    ...(body === undefined
      ? {}
      : { requestBody: { required: !body.safeParse({}).success, content: jsonOf(body) } }),
    ...(takesRawBody ? { requestBody: { required: true, content: RAW } } : {}),
    responses: responsesOf(endpoint),
  };
}

/** Signed as bytes: no schema says more than that they are a JSON object. */
const RAW = { 'application/json': { schema: { type: 'object' } } };

function parametersOf({ path, query, headers = {} }: Endpoint): readonly JsonObject[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const { properties = {}, required = [] }: ObjectSchema = query === undefined ? {} : schemaOf(query);
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
  const inHeader = Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }));
  return [...inPath, ...inQuery, ...inHeader];
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, JsonObject>>;
  readonly required?: readonly string[];
}

function responsesOf(endpoint: Endpoint): JsonObject {
  const { replies } = endpoint;
  const statuses = [...new Set([...Object.keys(replies).map(Number), ...problemsOf(endpoint)])];
  return Object.fromEntries(
    statuses.map((status) => [String(status), response(status, replies[status], endpoint)]),
  );
}

function problemsOf({ path, method, access, body, query }: Endpoint): readonly number[] {
  if (access === 'open') return [400];
  return Object.keys(PROBLEMS)
    .map(Number)
    .filter((status) => body !== undefined || !BODY_PROBLEMS.has(status))
    .filter((status) => status !== 404 || path.includes(':') || body !== undefined || query !== undefined)
    .filter((status) => status !== 409 || method === 'POST');
}

function response(status: number, reply: ReplyDoc | undefined, { access }: Endpoint): JsonObject {
  const isProblem = PROBLEMS[status] !== undefined && (access === 'caller' || reply === undefined);
  const content = {
    ...(reply?.schema === undefined ? {} : jsonOf(reply.schema)),
    ...(reply?.type === undefined ? {} : { [reply.type]: { schema: { type: 'string' } } }),
    ...(isProblem ? { [PROBLEM_TYPE]: { schema: schemaOf(problem) } } : {}),
  };
  return {
    description: reply?.description ?? PROBLEMS[status] ?? '',
    ...(Object.keys(content).length === 0 ? {} : { content }),
  };
}

function jsonOf(schema: z.ZodType): JsonObject {
  return { 'application/json': { schema: schemaOf(schema) } };
}

/** Returns a reference for a named schema, and any other schema inline. */
function schemaOf(schema: z.ZodType): JsonObject {
  const { id } = z.globalRegistry.get(schema) ?? {};
  if (id !== undefined) return { $ref: `${REFERENCE}${id}` };
  return bare(z.toJSONSchema(schema, { io: 'input' }));
}

function componentSchemas(): JsonObject {
  const { schemas } = z.toJSONSchema(z.globalRegistry, { io: 'input', uri: (id) => `${REFERENCE}${id}` });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, bare(schema)]));
}

/** Removes the fields that only a standalone schema document has. */
function bare(schema: object): JsonObject {
  const { $schema: _dialect, $id: _id, id: _name, ...rest } = schema as Record<string, never>;
  return rest;
}
