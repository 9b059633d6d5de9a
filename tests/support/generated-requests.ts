/** Requests made from an OpenAPI document: some as it says, most of them not. */
import * as fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../core/json.ts';

export interface GeneratedRequest {
  /** `POST /run`, as the document names it. */
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly raw?: string;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: JsonValue;
  readonly enum?: readonly JsonValue[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: Schema;
}

interface Operation {
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
}

const NAUGHTY = [
  '',
  ' ',
  '\0',
  '\r\nSet-Cookie: a=b',
  '../../../../etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  'C:\\windows\\system32',
  "'; DROP TABLE records; --",
  '<script>alert(1)</script>',
  '${jndi:ldap://x}',
  '{{7*7}}',
  '__proto__',
  'constructor',
  'toString',
  '%00',
  '%zz',
  '\ud800',
  '😀'.repeat(50),
  'İıſK',
  '‮evil',
  'ﷺ',
  'NaN',
  '1e400',
  '-0',
  '9'.repeat(400),
  'A'.repeat(20_000),
  'true',
  'null',
  '[]',
];

const naughty = fc.constantFrom(...NAUGHTY);
const anything = fc.oneof(naughty, fc.jsonValue({ maxDepth: 4 }), fc.string({ unit: 'binary' }));

/** Ids that exist, for parameters and fields that name something. */
export type KnownIds = Readonly<Record<string, readonly string[]>>;

/** The same for the same seed. */
export function generatedRequests(
  document: JsonObject,
  { count, seed, known }: { readonly count: number; readonly seed: number; readonly known: KnownIds },
): readonly GeneratedRequest[] {
  const { paths, components } = document as unknown as {
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, Schema> };
  };
  const make = valueMaker(components.schemas, known);
  const requests = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => requestOf({ path, method, operation }, make)),
  );
  return fc.sample(fc.oneof(...requests), { numRuns: count, seed });
}

type Make = (schema: Schema, name?: string) => fc.Arbitrary<unknown>;

/** As the schema says, but now and then something else; every fourth property is left out. */
function valueMaker(schemas: Readonly<Record<string, Schema>>, known: KnownIds): Make {
  const fitting: Make = (schema, name = '') => {
    if (schema.$ref !== undefined)
      return make(schemas[schema.$ref.split('/').at(-1) as string] as Schema, name);
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((each) => make(each, name)));
    const kinds: Readonly<Record<string, () => fc.Arbitrary<unknown>>> = {
      object: () => objectOf(schema, make),
      array: () => fc.array(make(schema.items ?? {}, name), { maxLength: 4 }),
      integer: () => fc.integer({ min: schema.minimum ?? -5, max: Math.min(schema.maximum ?? 2000, 2000) }),
      number: () => fc.double({ min: 0, max: 1, noNaN: true }),
      boolean: () => fc.boolean(),
      string: () => fc.constantFrom('repeat my words', ...(known[name] ?? [])),
    };
    return kinds[schema.type ?? '']?.() ?? fc.jsonValue({ maxDepth: 3 });
  };
  const make: Make = (schema, name) =>
    fc.oneof({ weight: 8, arbitrary: fitting(schema, name) }, { weight: 1, arbitrary: anything });
  return make;
}

function objectOf({ properties = {}, required = [] }: Schema, make: Make): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties).map(([name, schema]) => [name, make(schema, name)]);
  const record = fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: [...required],
  });
  const odd = fc
    .tuple(record, naughty, anything)
    .map(([object, name, value]) => Object.assign(object, { [name]: value }));
  return fc.oneof({ weight: 9, arbitrary: record }, { weight: 1, arbitrary: odd });
}

interface Located {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

function requestOf(located: Located, make: Make): fc.Arbitrary<GeneratedRequest> {
  const { parameters, requestBody } = located.operation;
  const values = parameters.map(({ name, schema }) => fc.option(make(schema, name), { freq: 3 }));
  const schema = requestBody?.content['application/json'].schema;
  const body = schema === undefined ? fc.constant(undefined) : bodyOf(make(schema));
  return fc.tuple(fc.tuple(...values), body).map(([given, raw]) => assembled(located, given, raw));
}

function assembled(
  { path, method, operation }: Located,
  given: readonly unknown[],
  raw: string | undefined,
): GeneratedRequest {
  const name = method.toUpperCase();
  return {
    operation: `${name} ${path}`,
    method: name,
    ...placed(path, operation.parameters, given),
    ...(raw === undefined ? {} : { raw }),
  };
}

/** Mostly JSON; sometimes cut off, or something else. */
function bodyOf(value: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const json = value.map((given) => JSON.stringify(given) ?? '');
  return fc.oneof(
    { weight: 16, arbitrary: json },
    { weight: 1, arbitrary: json.map((text) => text.slice(0, text.length / 2)) },
    { weight: 1, arbitrary: naughty },
  );
}

function placed(path: string, parameters: readonly Parameter[], given: readonly unknown[]) {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  const query = new URLSearchParams();
  let filled = path;
  parameters.forEach(({ name, in: where }, index) => {
    const value = given[index];
    const texts = [value ?? (where === 'path' ? 'x' : [])].flat().map(textOf);
    if (where === 'path') filled = filled.replace(`{${name}}`, () => encoded(texts.join('')));
    if (where === 'query') for (const text of texts) query.append(name, text);
    if (where === 'header' && texts[0] !== undefined)
      headers[name] = texts[0].replaceAll(/[^\x20-\x7e]/g, '?');
  });
  return { path: query.size === 0 ? filled : `${filled}?${query.toString()}`, headers };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What cannot be encoded is sent as a broken escape. */
function encoded(text: string): string {
  try {
    return encodeURIComponent(text) || '%20';
  } catch {
    return '%ed%a0%80';
  }
}
