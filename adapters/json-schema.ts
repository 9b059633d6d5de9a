/** JSON Schema 2020-12 for payloads and results, by Ajv; `format` is an annotation, unknown keywords are refused. */
import type { Ajv2020, ErrorObject, Options, ValidateFunction } from 'ajv/dist/2020.js';
import { canonicalJson } from '../core/digest.ts';
import { SkillosError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import type { SchemaIssue } from '../core/refuse.ts';

export interface JsonSchemas {
  /** Why the schema is none, or `undefined` where it is one. */
  readonly problemOf: (schema: JsonValue) => string | undefined;
  /** The first thing wrong with the value, or nothing. Throws `manifest_invalid` where the schema does not compile. */
  readonly checkValue: (schema: JsonValue, value: JsonValue) => readonly SchemaIssue[];
}

type Compiled = ValidateFunction | string;

const CACHE_SIZE = 1000;

let loaded: Promise<JsonSchemas> | undefined;

/** Loads Ajv when first called, because few commands need it. */
export function loadJsonSchemas(): Promise<JsonSchemas> {
  loaded ??= import('./ajv.ts').then((module) => createJsonSchemas(module.Ajv2020));
  return loaded;
}

function createJsonSchemas(Ajv: typeof Ajv2020): JsonSchemas {
  let metaSchema: Ajv2020 | undefined;
  const cache = new Map<string, Compiled>();

  function compiled(schema: JsonValue): Compiled {
    const key = canonicalJson(schema);
    const known = cache.get(key);
    if (known !== undefined) return known;
    const [oldest] = cache.keys();
    if (cache.size >= CACHE_SIZE && oldest !== undefined) cache.delete(oldest);
    const fresh = compile(new Ajv(STRICT), schema);
    cache.set(key, fresh);
    return fresh;
  }

  return {
    problemOf(schema) {
      metaSchema ??= new Ajv({ logger: false });
      const result = problemOf(metaSchema, schema) ?? compiled(schema);
      return typeof result === 'string' ? result : undefined;
    },
    checkValue(schema, value) {
      const validate = compiled(schema);
      if (typeof validate === 'string') {
        throw new SkillosError('manifest_invalid', `Invalid JSON Schema: ${validate}`);
      }
      return validate(value) ? [] : (validate.errors ?? []).map(issueOf);
    },
  };
}

/** Each schema gets a compiler of its own, so that none sees the `$id`s of another. */
const STRICT: Options = {
  strictSchema: true,
  strictTypes: false,
  strictTuples: false,
  validateFormats: false,
  meta: false,
  validateSchema: false, // the meta-schema costs 60 ms to compile; whoever wants to know asks problemOf
  logger: false,
};

function problemOf(metaSchema: Ajv2020, schema: JsonValue): string | undefined {
  try {
    if (metaSchema.validateSchema(schema as boolean | object) === true) return undefined;
  } catch (error) {
    return (error as Error).message; // another dialect under $schema
  }
  const { instancePath = '', message = 'is no schema' } = metaSchema.errors?.[0] ?? {};
  return `${instancePath} ${message}`.trimStart();
}

function compile(ajv: Ajv2020, schema: JsonValue): Compiled {
  try {
    const validate = ajv.compile(schema as boolean | object);
    // Its answer would be a promise, which is true whatever the value.
    return '$async' in validate ? '$async is refused' : validate;
  } catch (error) {
    return (error as Error).message.replace(/^strict mode: /, '');
  }
}

function issueOf({ instancePath, message, params }: ErrorObject): SchemaIssue {
  const more = params['additionalProperty'] ?? params['unevaluatedProperty'] ?? params['allowedValues'];
  const detail = more === undefined ? '' : `: ${JSON.stringify(more)}`;
  return { path: instancePath, message: `${message ?? 'does not fit'}${detail}` };
}
