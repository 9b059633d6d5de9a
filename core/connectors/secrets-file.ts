/** Changes one entry of `secrets/.env` by the rules of dotenv, and nothing else in it. */
import { SkillosError } from '../errors/errors.ts';
import { isReservedName } from '../settings/reserved-names.ts';

export const SECRETS_FILE = 'secrets/.env';

/** Parses a file by the rules of dotenv. */
export type ParseEnv = (text: string) => Readonly<Record<string, string | undefined>>;

export interface SecretEntry {
  readonly name: string;
  readonly value: string;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

export function isSecretName(name: string): boolean {
  return NAME.test(name) && !isReservedName(name);
}

/** Throws `usage` if no secret can have this name in the file. */
export function assertSecretName(name: string): void {
  if (!NAME.test(name)) {
    const expected = 'expected letters, digits, _, . and -, not a digit first';
    throw new SkillosError('usage', `Invalid name of a secret ${JSON.stringify(name)}: ${expected}`);
  }
  if (isReservedName(name)) {
    const because = 'it is the name of a setting, from which no secret is read';
    throw new SkillosError('usage', `Invalid name of a secret ${JSON.stringify(name)}: ${because}`);
  }
}

/** An entry as dotenv finds it: its value in quotes may have several lines. */
const ENTRY =
  /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*(?:'(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`|[^#\r\n]*)?[ \t]*(?:#.*)?(?:\r?\n|$)/gm;

/**
 * Returns the text with this entry, at its former place or at the end. Throws `secret_unstorable` if a parser would read
 * another value, or if other entries would change.
 */
export function withSecret(text: string, entry: SecretEntry, parse: ParseEnv): string {
  const line = `${quoted(entry, parse)}\n`;
  let isPlaced = false;
  const replaced = text.replace(ENTRY, (found: string, name: string) => {
    if (name !== entry.name) return found;
    if (isPlaced) return '';
    isPlaced = true;
    return line;
  });
  const next = isPlaced ? replaced : `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}`;
  const [before, after] = [parse(text), parse(next)];
  if (after[entry.name] === entry.value && isEqualBut(entry.name, before, after)) return next;
  throw new SkillosError(
    'secret_unstorable',
    `Cannot set "${entry.name}" in ${SECRETS_FILE}: other lines of the file would be read differently`,
    { hint: 'Edit the file by hand' },
  );
}

/** Control characters other than tabs and line feeds. */
const CONTROL = /[^\P{Cc}\t\n]/u;

/** The line of an entry, in the first form that is read as the same value. */
function quoted({ name, value }: SecretEntry, parse: ParseEnv): string {
  const forms = /^[\w./:@+=~-]*$/.test(value) ? [value] : [`'${value}'`, `\`${value}\``, `"${value}"`];
  const lines = forms.map((form) => `${name}=${form}`);
  const line = lines.find((written) => {
    const read = parse(`${written}\nNEXT=1\n`);
    return read[name] === value && read['NEXT'] === '1' && Object.keys(read).length === 2;
  });
  if (line !== undefined && value !== '' && !CONTROL.test(value)) return line;
  const expected =
    'expected a text that is not empty, without control characters and not with all kinds of quotes';
  throw new SkillosError('secret_unstorable', `Cannot store the value of "${name}": ${expected}`);
}

function isEqualBut(name: string, before: ReturnType<ParseEnv>, after: ReturnType<ParseEnv>): boolean {
  const others = (values: ReturnType<ParseEnv>) =>
    JSON.stringify(Object.entries({ ...values, [name]: '' }).sort(([a], [b]) => (a < b ? -1 : 1)));
  return others(before) === others(after);
}
