import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTINGS } from '../../core/settings/settings.ts';
import { COMMANDS } from '../../cli/commands/index.ts';
import { skillos } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

describe('help', () => {
  test('lists every command', async () => {
    const { code, stdout, stderr } = await skillos(['help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const { path, summary } of COMMANDS) {
      expect(stdout).toContain(`skillos ${path} `);
      expect(stdout).toContain(summary);
    }
  });

  test('says how one command is used, and what is below one word', async () => {
    expect((await skillos(['help', 'skills', 'show'])).stdout).toContain('skillos skills show <id>');
    expect((await skillos(['help', 'skills'])).stdout).toContain('skillos skills list');
  });

  test('is printed on stderr with exit 2 where a command is missing', async () => {
    expect(await skillos([])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('skillos validate'),
    });
    expect(await skillos(['--help'])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('skillos validate'),
    });
  });

  test.each([
    [['vlidate'], 'Unknown command "vlidate"', 'Did you mean: skillos validate'],
    [['skills', 'lst'], 'Unknown command "skills lst"', 'Did you mean: skillos skills list'],
    [['run-skil', 'travel/find'], 'Unknown command', 'Did you mean: skillos run-skill'],
    [['help', 'exit-code'], 'Unknown command "exit-code"', 'skillos'],
    [['quite-something-else'], 'Unknown command "quite-something-else"', 'skillos --help'],
    [['validate', '--rot', 'x'], 'Unknown option "--rot" for skillos validate', 'Did you mean: --root'],
    [['attachments', 'prune'], 'Missing option --older-than', 'skillos attachments prune --help'],
    [
      ['schedule', 'backfill', 'x', '--from', '2026-01-01'],
      'Missing option --to',
      'skillos schedule backfill --help',
    ],
    [['runs', 'diff'], 'Error: Missing <run>, <other> (usage)', 'skillos runs diff --help'],
    [['runs', 'diff', 'a', '--role', 'x'], 'Error: Missing <other> (usage)', 'skillos runs diff --help'],
    [['runs', 'diff', 'a', 'b', 'c'], 'Extraneous positional argument ("c")', 'skillos runs diff --help'],
    [['run', 'q', '--payload'], 'Missing value of option --payload', 'skillos run --help'],
    [['run', 'q', '--payload', '--debug'], 'Missing value of option --payload', 'skillos run --help'],
    [['run', 'q', '--execute=1'], 'Option --execute takes no value', 'skillos run --help'],
    [['run', '-5'], 'Unknown option "-5"', 'skillos run -- -5'],
    [
      ['run-skill', 'a/b', '--max-retries', '-1'],
      'Invalid --max-retries "-1": expected a whole number',
      'help',
    ],
    [['validate', '--jsn'], 'Unknown option "--jsn" for skillos validate', 'Did you mean: --json'],
    [['validate', '--quite-something-else'], 'Unknown option', 'skillos validate --help'],
  ])('suggests the nearest for %j', async (argv, message, hint) => {
    const { code, stdout, stderr } = await skillos(argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });
});

describe('config', () => {
  test('shows every setting with its source', async () => {
    const { code, stdout } = await skillos(['config', '--root', 'here'], {
      env: { SKILLOS_PARALLEL_LIMIT: '7' },
    });
    expect(code).toBe(0);
    for (const { variable } of Object.values(SETTINGS)) expect(stdout).toContain(`${variable} `);
    expect(stdout).toMatch(/^SKILLOS_ROOT +here +option$/m);
    expect(stdout).toMatch(/^SKILLOS_PARALLEL_LIMIT +7 +environment$/m);
    expect(stdout).toMatch(/^SKILLOS_TASK_QUEUE +skillos +default$/m);
    expect(stdout).toMatch(/^SKILLOS_STATE_DIR +unset$/m);
  });

  test('shows a value that does not parse, says what was expected, and exits 78', async () => {
    const { code, stdout, stderr } = await skillos(['config'], {
      env: { SKILLOS_PARALLEL_LIMIT: 'many', SKILLOS_ENV: 'x' },
    });
    expect(code).toBe(78);
    expect(stdout).toMatch(/^SKILLOS_PARALLEL_LIMIT +many +environment$/m);
    expect(stderr).toContain('Invalid SKILLOS_PARALLEL_LIMIT: expected a whole number from 1 to 200');
    expect(stderr).toContain('Invalid SKILLOS_ENV');
  });

  test('shows where Temporal is, and no key of it', async () => {
    const env = { TEMPORAL_ADDRESS: 'host:7233', TEMPORAL_API_KEY: 'top-secret' };
    const { stdout } = await skillos(['config'], { env });
    expect(stdout).toMatch(/^TEMPORAL_ADDRESS +host:7233 +environment$/m);
    expect(stdout).toMatch(/^TEMPORAL_API_KEY +set +environment$/m);
    expect(stdout).not.toContain('top-secret');
  });

  test('any command warns of a mistyped variable, once', async () => {
    const { stderr } = await skillos(['explain', 'usage'], { env: { SKILLOS_ROT: 'x' } });
    expect(stderr).toBe('warning: SKILLOS_ROT is not a setting; did you mean SKILLOS_ROOT?\n');
  });

  test('warns of a variable that is no setting, and not of the secrets of connectors and skills', async () => {
    const root = tempFolder();
    mkdirSync(join(root, 'metadata/mail'), { recursive: true });
    mkdirSync(join(root, 'connectors'));
    writeFileSync(
      join(root, 'connectors/crm.yaml'),
      'id: crm\nbase_url: https://crm.example\nauth: {type: bearer, token: secret:TOKEN}\n',
    );
    const secrets = { SKILLOS_CRM_TOKEN: 'x', SKILLOS_MAIL_SEND_KEY: 'x' };
    const env = {
      ...secrets,
      SKILLOS_ROT: 'x',
      SKILLOS_VECTOR_COLLECTION: 'x',
      SKILLOS_DEBUG: '1',
      OTHER: 'x',
    };
    const { code, stderr } = await skillos(['config', '--root', root], { env });
    expect([code, stderr]).toEqual([
      0,
      'warning: SKILLOS_ROT is not a setting; did you mean SKILLOS_ROOT?\n' +
        'warning: SKILLOS_VECTOR_COLLECTION is not a setting; ' +
        'it has no effect unless a skill lists it under secrets\n',
    ]);
  });

  test.each([
    ['hosts run deployments', '1'],
    ['the settings are broken', 'many'],
  ])('warns only of names that differ in one character from a setting if %s', async (_, deployments) => {
    const env = { SKILLOS_DEPLOYMENTS: deployments, SKILLOS_CRM_TOKEN: 'x', SKILLOS_ROT: 'x' };
    const { stderr } = await skillos(['explain', 'usage', '--root', tempFolder()], { env });
    expect(stderr).toBe('warning: SKILLOS_ROT is not a setting; did you mean SKILLOS_ROOT?\n');
  });

  test.each([
    [['--version']],
    [['explain', 'usage']],
    [['help']],
    [['help', 'exit-codes']],
    [['completion', 'bash']],
    [['validate', '--help']],
  ])('leaves %j working where a setting is broken', async (argv) => {
    expect(await skillos(argv, { env: { SKILLOS_PARALLEL_LIMIT: 'many' } })).toMatchObject({
      code: 0,
      stderr: '',
    });
  });

  test('stops other commands with exit 78 where a setting is broken', async () => {
    const { code, stdout, stderr } = await skillos(['validate'], { env: { SKILLOS_PARALLEL_LIMIT: 'many' } });
    expect([code, stdout]).toEqual([78, '']);
    expect(stderr).toBe(
      'Error: Invalid SKILLOS_PARALLEL_LIMIT: expected a whole number from 1 to 200 (config_invalid)\nhint: skillos config\n',
    );
  });
});

describe('completion', () => {
  function complete(script: string, words: readonly string[]): readonly string[] {
    const ask = `${script}
COMP_WORDS=(skillos ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}
_skillos && printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['--norc', '--noprofile', '-c', ask], { encoding: 'utf8' })
      .split('\n')
      .filter(Boolean);
  }

  test.each([
    [['vali'], ['validate']],
    [
      ['skills', ''],
      ['list', 'show', 'suggest-examples', '--help'],
    ],
    [['skills', 'list', '--al'], ['--all']],
    [
      ['deprecate-skill', 'a/b', '--re'],
      ['--reason', '--replacement'],
    ],
    [['help', 'exit'], ['exit-codes']],
    [['--ver'], ['--version']],
    [['nonsense', 'vali'], ['validate']],
  ])('completes %j in bash', async (words, expected) => {
    const { stdout } = await skillos(['completion', 'bash']);
    expect(complete(stdout, words)).toEqual(expected);
  });

  test('knows every command and its options', async () => {
    const { stdout } = await skillos(['completion', 'bash']);
    const missing = COMMANDS.filter(
      ({ path }) => !complete(stdout, [...path.split(' '), '--js']).includes('--json'),
    );
    expect(missing.map(({ path }) => path)).toEqual([]);
  });

  test.each(['zsh', 'fish'] as const)('prints a script for %s that names every command', async (shell) => {
    const { code, stdout } = await skillos(['completion', shell]);
    expect(code).toBe(0);
    for (const { path } of COMMANDS) expect(stdout).toContain(path.split(' ').at(-1));
    const checked = spawnSync(shell, ['-n'], { input: stdout, encoding: 'utf8' });
    // Where the shell is installed, it reads the script without complaint.
    expect(checked.error === undefined ? checked.stderr : '').toBe('');
  });

  test('refuses other shells', async () => {
    expect(await skillos(['completion', 'tcsh'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('expected bash, zsh, fish'),
    });
  });
});
