/** Checks the fields of a request by their schema; an error names the field and never quotes its value. */
import * as z from 'zod';
import { SkillosError } from '../../core/errors/errors.ts';
import type { ErrorCode } from '../../core/errors/error-codes.ts';

const MAX_NAME = 80;

/** Returns the parsed value. Throws `code` for the first field that does not fit. */
export function readFields<Schema extends z.ZodObject>(
  schema: Schema,
  value: unknown,
  code: Extract<ErrorCode, 'query_invalid' | 'request_invalid'>,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0] as z.core.$ZodIssue; // a failure has at least one issue
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const field = [...issue.path, ...(unknown === undefined ? [] : [unknown])].map(String).join('.');
  const shown = JSON.stringify(field.slice(0, MAX_NAME));
  const expected = issue.message.replace(/^Invalid input: /, '').replace(/, received [^,]*$/, '');
  if (unknown !== undefined) {
    throw new SkillosError(code, `Unknown field ${shown}`, { details: { field: field.slice(0, MAX_NAME) } });
  }
  const what = field === '' ? 'Invalid body' : `Invalid field ${shown}`;
  throw new SkillosError(code, `${what}: ${expected}`, {
    details: { field: field.slice(0, MAX_NAME), expected },
  });
}

/**
 * Converts query texts to the lists, numbers and booleans of the schema; leaves other texts for the schema to
 * refuse.
 */
export function queryValues(schema: z.ZodObject, given: URLSearchParams): Record<string, unknown> {
  return Object.fromEntries(
    [...new Set(given.keys())].map((name) => {
      const texts = given.getAll(name);
      const kind = Object.hasOwn(schema.shape, name)
        ? kindOf(schema.shape[name] as z.core.$ZodType)
        : 'string';
      if (kind === 'array') return [name, texts];
      if (texts.length > 1) {
        const shown = JSON.stringify(name.slice(0, MAX_NAME));
        throw new SkillosError('query_invalid', `Query field ${shown} is given more than once`);
      }
      return [name, readText(texts[0] as string, kind)];
    }),
  );
}

function readText(text: string, kind: string): unknown {
  if (kind === 'number' && /^\d{1,12}$/.test(text)) return Number(text);
  if (kind === 'boolean' && /^(true|false|1|0)$/.test(text)) return text === 'true' || text === '1';
  return text;
}

function kindOf(type: z.core.$ZodType): string {
  const inner = type instanceof z.ZodOptional || type instanceof z.ZodDefault ? type.unwrap() : undefined;
  return inner === undefined ? type._zod.def.type : kindOf(inner);
}
