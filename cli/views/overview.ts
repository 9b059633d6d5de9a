/** Help for all commands or one, and errors for mistyped commands and options. */
import { SkillosError } from '../../core/errors/errors.ts';
import { nearest } from '../../core/values/nearest.ts';
import type { CliContext, CommandEntry } from '../context.ts';
import { missingArguments, missingOptions, namesOf } from '../input/arguments.ts';
import type { Definition } from '../input/arguments.ts';
import { VERSION } from '../version.ts';

/** Lists the commands by group; with `prefix` only those below it. */
export function renderOverview(commands: readonly CommandEntry[], prefix: string): string {
  const shown = commands.filter((entry) => prefix === '' || entry.path.startsWith(`${prefix} `));
  const width = Math.max(...shown.map((entry) => entry.path.length));
  const groups = [...new Set(shown.map((entry) => entry.group))];
  const blocks = groups.map((group) => {
    const rows = shown.filter((entry) => entry.group === group);
    return [group, ...rows.map((row) => `  skillos ${row.path.padEnd(width)}  ${row.summary}`)].join('\n');
  });
  const title = `SkillOS ${VERSION}: skills, routed and run durably on Temporal`;
  return `${[title, ...blocks, 'Options and examples of a command: skillos <command> --help'].join('\n\n')}\n`;
}

/** The help of one command: arguments, options and examples. */
export async function renderUsage(entry: CommandEntry, context: CliContext): Promise<string> {
  const colored = context.colorDepth > 1;
  const [{ Cli }, CommandClass] = await Promise.all([import('../input/parser.ts'), entry.load()]);
  const cli = new Cli<CliContext>({ binaryName: 'skillos', enableColors: colored });
  cli.register(CommandClass);
  // Clipanion shows the value of an option as `#0`; this text has the same width and is easier to read.
  return cli.usage(CommandClass, { detailed: true, colored, prefix: '' }).replaceAll(' #0', ' … ');
}

/** Throws `usage`, with the nearest command, unless the text is a command or the first words of some. */
export function requireCommand(commands: readonly CommandEntry[], text: string): void {
  if (text === '' || commands.some((entry) => `${entry.path} `.startsWith(`${text} `))) return;
  const meant = nearestCommand(
    commands.map(({ path }) => path),
    text.split(' '),
  );
  throw new SkillosError('usage', `Unknown command ${JSON.stringify(text)}`, {
    hint: meant === undefined ? 'skillos --help' : `Did you mean: skillos ${meant}`,
  });
}

/** Returns the command nearest to the longest beginning of the words, which may end with arguments. */
function nearestCommand(paths: readonly string[], words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined;
  return nearest(words.join(' '), paths) ?? nearestCommand(paths, words.slice(0, -1));
}

/** Converts a syntax error of clipanion to `usage`; returns other errors unchanged. */
export function asUsageError(
  error: unknown,
  argv: readonly string[],
  { path, definition }: { readonly path: string; readonly definition: Definition },
): unknown {
  if (!(error instanceof Error) || !('clipanion' in error)) return error;
  const unknown = /(?:Unsupported|Invalid) option name \("(-[^"]*)"\)/.exec(error.message)?.[1];
  if (unknown !== undefined) return unknownOption(unknown, { path, definition, cause: error });
  const missing = [...missingArguments(argv, path, definition), ...missingOptions(argv, definition)];
  return new SkillosError('usage', reasonOf(error, missing), {
    hint: `skillos ${path} --help`,
    cause: error,
  });
}

function unknownOption(
  given: string,
  {
    path,
    definition,
    cause,
  }: { readonly path: string; readonly definition: Definition; readonly cause: Error },
): SkillosError {
  const [name = ''] = given.split('=');
  const names = definition.options.flatMap(namesOf);
  if (names.includes(name)) {
    return new SkillosError('usage', `Option ${name} takes no value`, {
      hint: `skillos ${path} --help`,
      cause,
    });
  }
  const meant = nearest(name, names);
  const isWord = name.startsWith('--');
  const otherwise = isWord
    ? `skillos ${path} --help`
    : `An argument that begins with a dash follows --: skillos ${path} -- ${given}`;
  return new SkillosError('usage', `Unknown option ${JSON.stringify(given)} for skillos ${path}`, {
    hint: meant === undefined || !isWord ? otherwise : `Did you mean: ${meant}`,
    cause,
  });
}

/** Returns what is wrong with the arguments, from clipanion's error without the usage below it. */
function reasonOf(error: Error, missing: readonly string[]): string {
  const hasCandidates =
    'candidates' in error && Array.isArray(error.candidates) && error.candidates.length > 0;
  const candidates = hasCandidates ? (error.candidates as readonly { reason: string | null }[]) : [];
  const reason = (hasCandidates ? candidates[0]?.reason : error.message.split('\n')[0]) ?? '';
  const valueless = /^Not enough arguments to option (.+?)\.?$/.exec(reason)?.[1];
  if (valueless !== undefined) return `Missing value of option ${valueless}`;
  const isExtraneous = reason.startsWith('Extraneous');
  if (isExtraneous || missing.length === 0) return reason.replace(/[.:]$/, '') || 'Not understood';
  return `Missing ${missing.map((name) => (name.startsWith('-') ? `option ${name}` : name)).join(', ')}`;
}
