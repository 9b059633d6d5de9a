/** What a statement of SQLite says of itself, without executing it. SQLite would bind null to a parameter without a value. */
import { SkillosError } from '../../errors/errors.ts';
import type { JsonValue } from '../../json.ts';

type SqlValue = string | number | boolean | null;
/** By position for `?`, by name for `$1`. */
export type SqlValues = readonly SqlValue[] | Readonly<Record<string, SqlValue>>;

/** Literals, quoted names and comments; parameters; ends of statements; words; single characters. */
const TOKEN =
  /'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`(?:[^`]|``)*`?|\[[^\]]*\]?|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[?$:@][\w$]*|;|(?:[\w$]|\P{ASCII})+|\S/gu;
const COMMENT = /^(--|\/\*)/;
const PARAMETER = /^[?$:@]/;
const NUMBERED = /^\$([1-9]\d{0,3})$/;

/** Neither ATTACH and VACUUM INTO, which reach other files, nor what outlives the call, such as PRAGMA and BEGIN. */
const VERBS: ReadonlySet<string> = new Set(
  'select values with explain insert replace update delete create alter drop reindex analyze'.split(' '),
);

/**
 * Returns the values for SQLite. Throws `connector_invalid` for several statements, for a statement that connectors do not
 * execute, for parameters other than `?` and `$1`, and unless there is one value for each.
 */
export function sqliteValues(sql: string, params: readonly JsonValue[]): SqlValues {
  const tokens = (sql.match(TOKEN) ?? []).filter((token) => !COMMENT.test(token));
  assertStatement(tokens);
  const values = params.map(scalarOf);
  const asked = tokens.filter((token) => PARAMETER.test(token));
  const numbers = asked.filter((token) => token !== '?').map(numberOf);
  if (numbers.length > 0 && numbers.length < asked.length)
    throw invalid('expected either ? or $1 as parameters, got both');
  const count = Math.max(0, asked.length - numbers.length, ...numbers);
  if (count !== values.length)
    throw invalid(
      `expected one value for each of the ${count} parameters of the statement, got ${values.length}`,
    );
  if (numbers.length === 0) return values;
  return Object.fromEntries(numbers.map((number) => [`$${number}`, values[number - 1] as SqlValue])); // at most count
}

function assertStatement(tokens: readonly string[]): void {
  const [verb = ''] = tokens;
  if (!VERBS.has(verb.toLowerCase()))
    throw invalid(`expected a statement that begins with one of ${[...VERBS].join(', ')}`);
  const end = tokens.indexOf(';');
  if (end !== -1 && tokens.slice(end).some((token) => token !== ';'))
    throw invalid('expected one statement a call, got several');
}

function numberOf(parameter: string): number {
  const number = NUMBERED.exec(parameter)?.[1];
  if (number !== undefined) return Number(number);
  throw invalid(`expected ? or $1 as parameters, got ${JSON.stringify(parameter.slice(0, 40))}`);
}

function scalarOf(value: JsonValue, index: number): SqlValue {
  if (typeof value !== 'object' || value === null) return value;
  throw invalid(`expected text, a number, true, false or null as value ${index + 1}`);
}

function invalid(message: string): SkillosError {
  return new SkillosError('connector_invalid', `Invalid query: ${message}`);
}
