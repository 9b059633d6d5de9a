/** The built program on odd machines: folders that cannot be used, odd paths, IPv6. Each refusal names the thing and the way out. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { deadAddress } from '../support/dead-address.ts';
import { skillos, startSkillos } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const SKILL = 'text/count_words';
/** Characters that mean something in addresses, shells or regular expressions. */
const ODD_NAME = "o dd #%41?&'$(x)[ü]\u200B\n";

const folder = tempFolder();
const home = join(folder, 'home');
const file = join(folder, 'file');
const root = join(folder, 'root');

function on(machine: Readonly<Record<string, string>>, ...argv: readonly string[]) {
  return skillos(argv, { env: { HOME: home, PATH: '/usr/bin:/bin', ...machine }, cwd: folder });
}

beforeAll(async () => {
  mkdirSync(home);
  writeFileSync(file, '');
  expect(await on({}, 'init', root)).toMatchObject({ code: 0 });
});

const RUN = ['run-skill', SKILL, '--payload', 'a b', '--root', root];
const TEST = ['test', SKILL, '--root', root];

test.each<[string, string, readonly string[], number]>([
  ['HOME', file, RUN, 78],
  ['XDG_STATE_HOME', file, RUN, 78],
  ['SKILLOS_STATE_DIR', file, RUN, 78],
  ['SKILLOS_STATE_DIR', file, ['dev', 'status', '--root', root], 78],
  ['SKILLOS_CACHE_DIR', file, ['temporal', 'install'], 78],
  ['TMPDIR', file, TEST, 78],
  ['TMPDIR', join(folder, 'nowhere'), TEST, 7],
])('%s=%s fails %j with a hint that names it', async (variable, value, argv, code) => {
  const ended = await on({ [variable]: value }, ...argv);
  expect([ended.code, ended.stdout]).toEqual([code, '']);
  expect(ended.stderr).toMatch(/^Error: Cannot .+ \((?:ENOTDIR|ENOENT)\) \(storage_\w+\)$/m);
  expect(ended.stderr).toMatch(
    new RegExp(`^hint: ".+" follows from ${variable}: set it to a folder that you may write into$`, 'm'),
  );
});

test.each(['', 'relative'])('HOME=%j is refused by name', async (value) => {
  const ended = await on({ HOME: value }, 'run', 'Count words', '--root', root);
  expect(ended).toMatchObject({
    code: 78,
    stdout: '',
    stderr:
      'Error: Invalid HOME: expected the absolute path of a folder (config_invalid)\nhint: Set HOME, or SKILLOS_CACHE_DIR and SKILLOS_STATE_DIR\n',
  });
});

test.each(['HOME', 'XDG_CACHE_HOME', 'SKILLOS_CACHE_DIR'])('routing needs no cache: %s', async (variable) => {
  const ended = await on({ [variable]: file }, 'run', 'How many words are in this text?', '--root', root);
  expect(ended).toMatchObject({ code: 0, stdout: `${SKILL}\n` });
});

test('a root whose path has a backslash is refused, and not made', async () => {
  const inside = join(folder, 'back\\slash', 'skills');
  expect(await on({}, 'init', inside)).toMatchObject({
    code: 78,
    stderr: `Error: Invalid skills root "${inside}": expected a path without backslash (config_invalid)\nhint: Rename the folder: Node cannot load skills from such a path\n`,
  });
  expect(existsSync(join(folder, 'back\\slash'))).toBe(false);
  mkdirSync(inside, { recursive: true });
  const validated = await on({}, 'validate', '--root', inside);
  expect([validated.code, validated.stdout]).toEqual([78, '']);
  expect(validated.stderr).toContain('expected a path without backslash (config_invalid)');
});

test('a root with an odd name works', async () => {
  const odd = join(folder, ODD_NAME);
  expect(await on({}, 'init', odd)).toMatchObject({ code: 0 });
  const tested = await on({}, 'test', SKILL, '--root', odd);
  expect(tested).toMatchObject({ code: 0, stdout: expect.stringContaining(`test_passed: ${SKILL}`) });
});

test('serve takes an IPv6 address in brackets', async () => {
  const env = { HOME: home, TEMPORAL_ADDRESS: await deadAddress() };
  const server = startSkillos(['serve', '--host', '[::1]', '--port', '0', '--root', root], { env });
  const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
    all?.some(({ address }) => address === '::1'),
  );
  if (hasIpv6) {
    const [url] = await server.until('stdout', /http:\S+:\d+/);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    server.signal('SIGTERM');
    expect(await server.ended).toMatchObject({ code: 0 });
  } else {
    expect(await server.ended).toMatchObject({ code: 2, stderr: expect.stringContaining('"::1:0"') });
  }
});
