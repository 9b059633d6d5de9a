/** Help over all commands, and the nearest thing to what was mistyped. */
import { SkillosError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';
import { COMMANDS } from './commands/index.ts';
import type { CommandEntry } from './command-entry.ts';
import type { CliContext } from './context.ts';
import { VERSION } from './version.ts';

interface Definition {
  readonly options: readonly { readonly definition: string }[];
}

/** All commands by group, or those below `prefix`. */
export function renderOverview(prefix: string): string {
  const shown = COMMANDS.filter((entry) => prefix === '' || entry.path.startsWith(`${prefix} `));
  const width = Math.max(...shown.map((entry) => entry.path.length));
  const groups = [...new Set(shown.map((entry) => entry.group))];
  const blocks = groups.map((group) => {
    const rows = shown.filter((entry) => entry.group === group);
    return [group, ...rows.map((row) => `  skillos ${row.path.padEnd(width)}  ${row.summary}`)].join('\n');
  });
  const title = `SkillOS ${VERSION}: skills, routed and run durably on Temporal`;
  return `${[title, ...blocks, 'Options and examples of a command: skillos <command> --help'].join('\n\n')}\n`;
}

/** How one command is used: its arguments, options and examples. */
export async function renderUsage(entry: CommandEntry, context: CliContext): Promise<string> {
  const colored = context.colorDepth > 1;
  const [{ Cli }, CommandClass] = await Promise.all([import('./parser.ts'), entry.load()]);
  const cli = new Cli<CliContext>({ binaryName: 'skillos', enableColors: colored });
  cli.register(CommandClass);
  // Clipanion numbers the value of an option; as wide, but easier to read:
  return cli.usage(CommandClass, { detailed: true, colored, prefix: '' }).replaceAll(' #0', ' … ');
}

/** Throws `usage`, with the nearest command, unless the text is a command or the first words of some. */
export function requireCommand(text: string): void {
  if (text === '' || COMMANDS.some((entry) => `${entry.path} `.startsWith(`${text} `))) return;
  const meant = nearestCommand(text.split(' '));
  throw new SkillosError('usage', `Unknown command ${JSON.stringify(text)}`, {
    hint: meant === undefined ? 'skillos --help' : `Did you mean: skillos ${meant}`,
  });
}

/** The words may end with arguments: the longest beginning that is close to a command counts. */
function nearestCommand(words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined;
  const paths = COMMANDS.map((entry) => entry.path);
  return nearest(words.join(' '), paths) ?? nearestCommand(words.slice(0, -1));
}

/** Clipanion's syntax errors as ours; anything else as it is. */
export function asUsageError(error: unknown, path: string, definitions: readonly Definition[]): unknown {
  if (!(error instanceof Error) || !('clipanion' in error)) return error;
  const unknown = /Unsupported option name \("(-[^"]*)"\)/.exec(error.message)?.[1];
  if (unknown === undefined) {
    return new SkillosError('usage', reasonOf(error), { hint: `skillos ${path} --help`, cause: error });
  }
  const options = definitions.flatMap(({ options }) =>
    options.flatMap(({ definition }) => definition.match(/--?[a-z][a-z-]*/g) ?? []),
  );
  const meant = nearest(unknown.split('=')[0] as string, options);
  return new SkillosError('usage', `Unknown option ${JSON.stringify(unknown)} for skillos ${path}`, {
    hint: meant === undefined ? `skillos ${path} --help` : `Did you mean: ${meant}`,
    cause: error,
  });
}

/** The sentence of clipanion's message, without the usage block below it. */
function reasonOf(error: Error): string {
  const candidates = 'candidates' in error ? (error.candidates as readonly { reason: string | null }[]) : [];
  const reason = candidates[0]?.reason ?? error.message.split('\n')[0] ?? 'Not understood';
  return reason.replace(/[.:]$/, '');
}
