/** What README.md and docs/ say of commands and settings is true. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Cli } from 'clipanion';
import { COMMANDS } from '../cli/commands/index.ts';
import type { CliContext, CommandEntry } from '../cli/context.ts';
import { SETTINGS } from '../core/settings/settings.ts';
import { PROJECT } from './support/imports.ts';
import { SETTINGS_DOC, withSettingsTable } from './support/settings-table.ts';
import { commandsNamed } from './support/shell-lines.ts';

const DOCUMENTS = ['README.md', ...readdirSync(path.join(PROJECT, 'docs')).map((name) => `docs/${name}`)]
  .filter((name) => name.endsWith('.md') && existsSync(path.join(PROJECT, name)))
  .map((name) => ({ name, text: readFileSync(path.join(PROJECT, name), 'utf8') }));

const CALLS = DOCUMENTS.flatMap(({ name, text }) =>
  commandsNamed('skillos', text).map((words) => ({ name, words, line: words.join(' ') })),
);

const VARIABLES: readonly string[] = Object.values(SETTINGS).map(({ variable }) => variable);

/** The longest command that the words begin with. */
function commandOf(words: readonly string[]): CommandEntry | undefined {
  const typed = `${words.join(' ')} `;
  return COMMANDS.filter((entry) => typed.startsWith(`${entry.path} `)).sort(
    (a, b) => b.path.length - a.path.length,
  )[0];
}

const IS_ABOUT_THE_CLI = /^(--version|-v|--help|-h)?$/;

test.each(CALLS)('$name: skillos $line parses', async ({ words }) => {
  if (IS_ABOUT_THE_CLI.test(words.join(' '))) return;
  const entry = commandOf(words);
  if (entry === undefined)
    throw new Error(`There is no such command; cli/commands/index.ts lists those there are`);
  const CommandClass = await entry.load();
  const cli = new Cli<CliContext>({ binaryName: 'skillos' });
  cli.register(CommandClass);
  const argv = words.filter((word) => word !== '--help' && word !== '-h');
  if (argv.length < words.length) return; // help of a command that exists
  expect(cli.process(argv, {} as CliContext)).toBeInstanceOf(CommandClass);
});

test.each(DOCUMENTS)('$name mentions only commands that exist', ({ text }) => {
  const mentioned = [...text.matchAll(/`skillos ([a-z][a-z -]*[a-z])/g)].map((match) => match[1] as string);
  const isKnown = (words: string): boolean =>
    commandOf(words.split(' ')) !== undefined || COMMANDS.some((entry) => entry.path.startsWith(`${words} `));
  expect(mentioned.filter((words) => !isKnown(words))).toEqual([]);
});

test.each(DOCUMENTS)('$name mentions only settings that exist', ({ text }) => {
  const mentioned = text.match(/\bSKILLOS_[A-Z][A-Z_]*[A-Z]\b/g) ?? [];
  expect(mentioned.filter((name) => !VARIABLES.includes(name))).toEqual([]);
});

test('docs/configuration.md tells of every setting as core/settings/config.ts has it', () => {
  const document = readFileSync(SETTINGS_DOC, 'utf8');
  for (const variable of VARIABLES) expect(document).toContain(`\`${variable}\``);
  expect(document).toBe(withSettingsTable(document)); // else: npx tsx tests/support/settings-table.ts
});

describe('commandsNamed', () => {
  test.each<[string, readonly (readonly string[])[]]>([
    ['skillos run "Find flights" --execute', [['run', 'Find flights', '--execute']]],
    ["skillos run 'it''s' # a comment", [['run', 'its']]],
    ['$ skillos runs list', [['runs', 'list']]],
    ['SKILLOS_ROOT=./x TEMPORAL_ADDRESS=a:1 skillos dev', [['dev']]],
    ['npx skillos validate', [['validate']]],
    ['skillos run "a \\"b\\" c"', [['run', 'a "b" c']]],
    ['skillos run x \\\n  --json', [['run', 'x', '--json']]],
    ['echo hi | skillos run-skill a/b --stdin > out.txt 2>&1', [['run-skill', 'a/b', '--stdin']]],
    [
      'RUN=$(skillos run x --detach) && skillos runs show "$RUN"',
      [
        ['run', 'x', '--detach'],
        ['runs', 'show', '$RUN'],
      ],
    ],
    [
      'skillos run x --payload \'{"a": [1, 2]}\'; skillos dev stop',
      [
        ['run', 'x', '--payload', '{"a": [1, 2]}'],
        ['dev', 'stop'],
      ],
    ],
    ['skillos runs show <run>', [['runs', 'show', '<run>']]],
    ['skillos pipeline run --step "b|c"', [['pipeline', 'run', '--step', 'b|c']]],
    ['npm run demo', []],
    ['# skillos run x', []],
  ])('reads %j', (line, expected) => {
    expect(commandsNamed('skillos', `Text\n\n\`\`\`sh\n${line}\n\`\`\`\n`)).toEqual(expected);
  });

  test('reads shell blocks alone', () => {
    expect(commandsNamed('skillos', '```json\nskillos run x\n```\n\nskillos run y\n')).toEqual([]);
  });
});
