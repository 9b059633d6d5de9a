/** Help over all commands, and the nearest thing to what was mistyped. */
import { distance } from 'fastest-levenshtein';
import { SkillosError } from '../core/errors.ts';
import { COMMANDS } from './commands/index.ts';
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

/** The command most like the text, where one is near enough to be meant. */
export function nearestCommand(text: string): string | undefined {
  return nearest(
    text,
    COMMANDS.map((entry) => entry.path),
  );
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

function nearest(text: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates.map((candidate) => ({ candidate, cost: distance(text, candidate) }));
  const best = ranked.sort((a, b) => a.cost - b.cost || (a.candidate < b.candidate ? -1 : 1))[0];
  return best !== undefined && best.cost <= Math.max(2, text.length / 3) ? best.candidate : undefined;
}
