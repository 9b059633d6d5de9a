/** Validates payloads and results by JSON Schema 2020-12 with Ajv. `format` is an annotation; unknown keywords are refused. */
import type { Ajv2020, ErrorObject, Options, ValidateFunction } from 'ajv/dist/2020.js';
import { canonicalJson } from '../../core/values/digest.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import type { SchemaIssue } from '../../core/preparing/request-checks.ts';
import { within } from './deadline.ts';

export interface JsonSchemas {
  /** Returns the first problem of a schema, or undefined if it is valid. */
  readonly problemOf: (schema: JsonValue) => Promise<string | undefined>;
  /**
   * Returns the first issue of the value, or an empty list. Takes at most `MAX_LOOP_MS` of a loop that others share: a check
   * that takes longer finds nothing, because the skill's own process checks again. Throws `manifest_invalid` if the schema
   * does not compile.
   */
  readonly checkValue: CheckValue;
  /**
   * The same for a process that serves one call: a check that takes longer than `MAX_CHECK_MS` is an issue, unless the process
   * waited for the processor most of that time.
   */
  readonly checkFully: CheckValue;
}

type CheckValue = (schema: JsonValue, value: JsonValue) => readonly SchemaIssue[];

interface Compiled {
  readonly validate: ValidateFunction | string;
  /** True if the time of a check is bounded by the size of the value. */
  readonly isLinear: boolean;
}

const CACHE_SIZE = 1000;
const MAX_COMPILE_MS = 1000;
const MAX_LOOP_MS = 25;
const MAX_CHECK_MS = 5000;
/** A slow check is followed by this many times its duration without any, so that slow checks take a tenth of a loop. */
const PAUSE_FACTOR = 10;
const NO_ISSUES: readonly SchemaIssue[] = [];

let loaded: Promise<JsonSchemas> | undefined;

/** Loads Ajv at the first call, because few commands need it. */
export function loadJsonSchemas(): Promise<JsonSchemas> {
  loaded ??= import('./ajv.ts').then((module) => createJsonSchemas(module.Ajv2020));
  return loaded;
}

/** Compiled schemas are remembered. */
export function createJsonSchemas(Ajv: typeof Ajv2020): JsonSchemas {
  let metaSchema: Ajv2020 | undefined;
  let pausedUntil = 0;
  const cache = new Map<string, Compiled>();

  /** Returns undefined if the schema takes too long to compile. */
  function compiled(schema: JsonValue): Compiled | undefined {
    const key = canonicalJson(schema);
    const known = cache.get(key);
    if (known !== undefined) return known;
    const fresh = within(MAX_COMPILE_MS, () => compile(new Ajv(STRICT), schema));
    if (fresh === undefined) return undefined;
    const [oldest] = cache.keys();
    if (cache.size >= CACHE_SIZE && oldest !== undefined) cache.delete(oldest);
    const entry = { validate: fresh.value, isLinear: isLinear(key) };
    cache.set(key, entry);
    return entry;
  }

  return {
    async problemOf(schema) {
      metaSchema ??= new Ajv({ logger: false });
      const problem = problemOf(metaSchema, schema);
      if (problem !== undefined) return problem;
      const result = compiled(schema);
      if (result === undefined) return `takes longer than ${MAX_COMPILE_MS} ms to compile`;
      if (typeof result.validate === 'string') return result.validate;
      return result.isLinear ? undefined : problemOfPatterns(schema);
    },
    checkValue(schema, value) {
      const entry = compiled(schema);
      if (entry === undefined) return NO_ISSUES;
      if (entry.isLinear && isSmall(value)) return issuesOf(entry, value);
      const begun = performance.now();
      if (begun < pausedUntil) return NO_ISSUES;
      const checked = within(MAX_LOOP_MS, () => issuesOf(entry, value));
      if (checked !== undefined) return checked.value;
      const ended = performance.now();
      pausedUntil = ended + PAUSE_FACTOR * (ended - begun);
      return NO_ISSUES;
    },
    checkFully(schema, value) {
      const before = process.cpuUsage();
      for (;;) {
        const checked = within(MAX_CHECK_MS, () => {
          const entry = compiled(schema);
          return entry && issuesOf(entry, value);
        });
        if (checked?.value !== undefined) return checked.value;
        const { user, system } = process.cpuUsage(before);
        if ((user + system) / 1000 > MAX_CHECK_MS / 2)
          return [{ path: '', message: `takes longer than ${MAX_CHECK_MS} ms to check` }];
      }
    },
  };
}

/** Loads the analysis at the first pattern, which few schemas have. */
async function problemOfPatterns(schema: JsonValue): Promise<string | undefined> {
  const { catastrophicPattern } = await import('./patterns.ts');
  const pattern = catastrophicPattern(schema);
  if (pattern === undefined) return undefined;
  const text = JSON.stringify(pattern.length > 80 ? `${pattern.slice(0, 77)}...` : pattern);
  return `pattern ${text} can take exponential time: expected no repetition within a repetition of the same text`;
}

/** Patterns can take exponential time, the others the square of the value, and references a power of the value's depth. */
const SUPERLINEAR = /"(pattern|patternProperties|uniqueItems|contains|\$ref|\$dynamicRef)":/;
const MAX_LINEAR_SCHEMA = 4096;

function isLinear(schema: string): boolean {
  return schema.length <= MAX_LINEAR_SCHEMA && !SUPERLINEAR.test(schema);
}

const MAX_SMALL_VALUES = 1000;
const MAX_SMALL_CHARACTERS = 64 * 1024;

/** True if a linear check of the value takes less than starting a deadline, which costs about 0.1 ms. */
function isSmall(value: JsonValue): boolean {
  let characters = 0;
  const open = [value];
  for (let seen = 0; seen < open.length; seen++) {
    const item = open[seen] as JsonValue;
    if (typeof item === 'string') characters += item.length;
    if (typeof item === 'object' && item !== null) {
      const items = Object.values(item);
      if (open.length + items.length > MAX_SMALL_VALUES) return false;
      open.push(...items);
    }
  }
  return characters <= MAX_SMALL_CHARACTERS;
}

function issuesOf({ validate }: Compiled, value: JsonValue): readonly SchemaIssue[] {
  if (typeof validate === 'string') {
    throw new SkillosError('manifest_invalid', `Invalid JSON Schema: ${validate}`);
  }
  return validate(value) ? NO_ISSUES : (validate.errors ?? []).map(issueOf);
}

/** Options of a compiler; each schema has its own, so that schemas do not share `$id`s. */
const STRICT: Options = {
  strictSchema: true,
  strictTypes: false,
  strictTuples: false,
  validateFormats: false,
  meta: false,
  validateSchema: false, // compiling the meta-schema takes 60 ms; problemOf validates against it
  logger: false,
};

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** Another dialect gives the same keywords other meanings, so that the schema would check something else. */
function dialectProblem(schema: JsonValue): string | undefined {
  const dialect =
    typeof schema === 'object' && schema !== null && '$schema' in schema ? schema['$schema'] : DIALECT;
  if (dialect === DIALECT || dialect === `${DIALECT}#`) return undefined;
  return `$schema names ${JSON.stringify(dialect).slice(0, 100)}: expected ${JSON.stringify(DIALECT)}, or no $schema`;
}

function problemOf(metaSchema: Ajv2020, schema: JsonValue): string | undefined {
  const problem = dialectProblem(schema);
  if (problem !== undefined) return problem;
  try {
    if (metaSchema.validateSchema(schema as boolean | object) === true) return undefined;
  } catch (error) {
    return (error as Error).message;
  }
  const { instancePath = '', message = 'is no schema' } = metaSchema.errors?.[0] ?? {};
  return `${instancePath} ${message}`.trimStart();
}

function compile(ajv: Ajv2020, schema: JsonValue): Compiled['validate'] {
  const problem = dialectProblem(schema);
  if (problem !== undefined) return problem;
  try {
    const validate = ajv.compile(schema as boolean | object);
    // An asynchronous schema returns a promise, which is always truthy.
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
