/** What holds for every command: help, examples, streams, JSON, errors. */
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Cli } from 'clipanion';
import { COMMANDS } from '../../cli/commands/index.ts';
import type { CliContext } from '../../cli/context.ts';
import { ERROR_CODES } from '../../core/errors/error-codes.ts';
import { EXIT, EXIT_HTTP, EXIT_MEANING } from '../../core/errors/exit-codes.ts';
import { STATE_MEANINGS } from '../../cli/views/state-meanings.ts';
import { runCli } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';

const SAMPLE = resolve(import.meta.dirname, '../../skills');
const REFERENCE = readFileSync(resolve(import.meta.dirname, '../../docs/cli.md'), 'utf8');

/** Commands that answer without an engine: how to call them, and with which exit code. */
const OFFLINE: readonly (readonly [string, readonly string[], number])[] = [
  ['explain', ['explain', 'usage'], EXIT.ok],
  ['explain', ['explain'], EXIT.ok],
  ['help', ['help'], EXIT.ok],
  ['help', ['help', 'validate'], EXIT.ok],
  ['help exit-codes', ['help', 'exit-codes'], EXIT.ok],
  ['config', ['config'], EXIT.ok],
  ['completion', ['completion', 'bash'], EXIT.ok],
  ['validate', ['validate', '--root', SAMPLE], EXIT.ok],
  ['schema', ['schema', 'triggers'], EXIT.ok],
  ['skills list', ['skills', 'list', '--root', SAMPLE], EXIT.ok],
  ['budget', ['budget', '--root', SAMPLE], EXIT.ok],
  ['circuit list', ['circuit', 'list', '--root', SAMPLE], EXIT.ok],
  ['skills show', ['skills', 'show', 'travel/search_flights', '--root', SAMPLE], EXIT.ok],
];

/** Commands that need no root, and what they read instead. */
const ROOTLESS: Readonly<Record<string, string>> = {
  'auth token': 'the settings',
  completion: 'the table of commands',
  config: 'the settings, of which the root may be the wrong one',
  'dev list': 'the engines of all roots',
  explain: 'the tables of codes and states',
  help: 'the table of commands',
  'help exit-codes': 'the table of exit codes',
  init: 'nothing: it makes a root',
  'marketplace browse': 'a catalogue, before there is a root to install into',
  'marketplace show': 'a catalogue; a root only adds whether its keyring trusts the package',
  'schedule preview': 'the schedule in its options',
  schema: 'the schemas of this version',
  'temporal install': 'nothing: it downloads Temporal for all roots',
  'models install': 'nothing: it downloads a model for all roots',
};

describe.each(COMMANDS)('skillos $path', ({ path, load, summary }) => {
  const words = path.split(' ');

  test('has help with examples, on stdout', async () => {
    const { code, stdout, stderr } = await runCli([...words, '--help']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Examples');
    expect(stdout).toContain(`skillos ${path}`);
    expect(summary).not.toMatch(/\.$/);
  });

  test('stands in docs/cli.md', () => {
    expect(REFERENCE).toMatch(new RegExp(`^\\| \`${path}[\` ]`, 'm'));
  });

  test('has examples that parse', async () => {
    const CommandClass = await load();
    const cli = new Cli<CliContext>({ binaryName: 'skillos' });
    cli.register(CommandClass);
    const examples = CommandClass.usage?.examples ?? [];
    expect(examples.length).toBeGreaterThan(0);
    for (const [, example] of examples) {
      const argv = wordsOf(example);
      expect(argv.slice(0, words.length)).toEqual(words);
      expect(() => cli.process([...argv], {} as CliContext)).not.toThrow();
    }
  });

  if (!(path in ROOTLESS)) {
    test('says that there is no root, with exit 2, and never that all is empty', async () => {
      const [example] = (await load()).usage?.examples ?? [];
      const argv = wordsOf(example?.[1] ?? '').filter(
        (word, at, all) => word !== '--root' && all[at - 1] !== '--root',
      );
      const missing = join(tempFolder(), 'missing');
      const { code, stdout, stderr } = await runCli([...argv, '--root', missing]);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain(`Skills root "${missing}" `);
    });
  }

  test('refuses an unknown option with exit 2, a hint and no stack', async () => {
    const { code, stdout, stderr } = await runCli([...words, '--no-such-option-at-all']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Error: .+ \(usage\)\nhint: .+\n$/);
    expect(stderr).not.toContain('    at ');
  });

  test('reports a usage error as JSON on stdout', async () => {
    const { code, stdout, stderr } = await runCli([...words, '--no-such-option-at-all', '--json']);
    expect([code, stderr]).toEqual([2, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'skillos.error/v1',
      code: 'usage',
      hint: expect.any(String),
    });
  });
});

describe('commands that need no engine', () => {
  test.each(OFFLINE)('%s: %j prints text without escapes and exits %d', async (_, argv, exit) => {
    const { code, stdout } = await runCli(argv);
    expect(code).toBe(exit);
    expect(stdout).toMatch(/\n$/);
    expect(stdout).not.toContain('\u001b');
  });

  test.each(OFFLINE)(
    '%s: %j --json prints one document with a schema and exits %d',
    async (_, argv, exit) => {
      const { code, stdout } = await runCli([...argv, '--json']);
      expect(code).toBe(exit);
      expect(JSON.parse(stdout)).toMatchObject({ schema: expect.stringMatching(/^skillos\.[a-z-]+\/v1$/) });
      expect(stdout).not.toContain('\u001b');
    },
  );

  test('name a missing root as it was typed, with exit 2 and nothing written', async () => {
    const folder = tempFolder();
    const missing = join(folder, 'missing');
    for (const argv of [
      ['validate'],
      ['skills', 'list'],
      ['skills', 'show', 'a/b'],
      ['add-skill', 'a/b'],
      ['undeprecate-skill', 'a/b'],
      ['deprecate-skill', 'a/b', '--reason', 'x'],
    ]) {
      const { code, stdout, stderr } = await runCli([...argv, '--root', missing]);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain(`Skills root "${missing}" not found`);
    }
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('explain', () => {
  test.each(Object.keys(ERROR_CODES) as (keyof typeof ERROR_CODES)[])('knows %s', async (code) => {
    const { code: exit, stdout } = await runCli(['explain', code]);
    expect(exit).toBe(0);
    expect(stdout).toContain(ERROR_CODES[code].meaning);
    expect(stdout).toContain(ERROR_CODES[code].remedy);
  });

  test.each(Object.entries(STATE_MEANINGS))('knows the state %s', async (state, { meaning, next }) => {
    const { code, stdout } = await runCli(['explain', state]);
    expect([code, stdout]).toEqual([0, `${state}\n${meaning}\n${next}\n`]);
  });

  test('lists codes and states', async () => {
    const { stdout } = await runCli(['explain']);
    const listed = stdout.split('\n').map((line) => line.split(' ')[0]);
    expect(listed).toEqual([...Object.keys(ERROR_CODES), ...Object.keys(STATE_MEANINGS), '']);
  });

  test('says where to find the codes there are', async () => {
    expect(await runCli(['explain', 'nonsense'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('skillos explain'),
    });
  });
});

describe('help exit-codes', () => {
  test.each(Object.entries(EXIT))('tells what %s means', async (name, code) => {
    const { stdout } = await runCli(['help', 'exit-codes']);
    const key = name as keyof typeof EXIT;
    const http = EXIT_HTTP[key].join(' ') || '-';
    expect(stdout).toMatch(new RegExp(`^${code} +${http} +${EXIT_MEANING[key]}$`, 'm'));
  });
});

/** The words after `skillos` as a shell would part them, up to a redirection or a closing bracket. */
function wordsOf(example: string): readonly string[] {
  const [, line = ''] = /skillos ([^>)]*)/.exec(example) ?? [];
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}
