import { chmodSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { rootWith } from '../support/deployment.ts';
import { runCli } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { aManifest, writeFiles } from '../support/write-files.ts';

const FILE = 'secrets/.env';
const CANARY = 'canary of a secret';

function aRoot(files: Readonly<Record<string, string>> = {}): string {
  const root = tempFolder();
  const manifest = `${aManifest('text/send')}secrets: [API_KEY, "other key"]\n`;
  writeFiles(root, { 'metadata/text/send.yaml': manifest, ...files });
  return root;
}

async function secrets(root: string, argv: readonly string[], more: Parameters<typeof runCli>[1] = {}) {
  const result = await runCli(['secrets', ...argv, '--root', root], more);
  expect(result.stdout + result.stderr).not.toContain(CANARY);
  return result;
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe('secrets set', () => {
  test('writes one line of standard input, for this user alone', async () => {
    const root = aRoot();
    const set = await secrets(root, ['set', 'API_KEY'], { stdin: `${CANARY}\n` });
    expect(set).toEqual({ code: 0, stdout: 'secrets_written: secrets/.env\n', stderr: '' });
    expect(readFileSync(join(root, FILE), 'utf8')).toBe(`API_KEY='${CANARY}'\n`);
    expect([modeOf(join(root, FILE)), modeOf(join(root, 'secrets'))]).toEqual(['600', '700']);
  });

  test('replaces the value, keeps all else, and closes the file to others', async () => {
    const root = aRoot({ [FILE]: '# mine\nAPI_KEY=old\nB="b"\n' });
    chmodSync(join(root, FILE), 0o644);
    await secrets(root, ['set', 'API_KEY', '--json'], { stdin: 'new' });
    expect(readFileSync(join(root, FILE), 'utf8')).toBe('# mine\nAPI_KEY=new\nB="b"\n');
    expect(modeOf(join(root, FILE))).toBe('600');
  });

  test.each([
    ['API_KEY', '', 'input_unreadable'],
    ['API_KEY', 'one\ntwo\n', 'input_unreadable'],
    ['API_KEY', `${CANARY}\r`, 'secret_unstorable'],
    ['API_KEY', `${CANARY} '"\``, 'secret_unstorable'],
    ['API KEY', 'x', 'usage'],
    ['SKILLOS_SERVER_KEY', 'x', 'usage'],
  ])('refuses %s with the input %j: %s', async (name, stdin, code) => {
    const root = aRoot({ [FILE]: 'A=1\n' });
    const { stdout } = await secrets(root, ['set', name, '--json'], { stdin });
    expect(JSON.parse(stdout)).toMatchObject({ code });
    expect(readFileSync(join(root, FILE), 'utf8')).toBe('A=1\n');
  });

  test('makes no root', async () => {
    const root = join(tempFolder(), 'none');
    expect((await secrets(root, ['set', 'A'], { stdin: 'x' })).code).toBe(2);
    expect(() => statSync(root)).toThrow('ENOENT');
  });
});

describe('secrets init', () => {
  test('asks for the secrets of a skill, in the order shown', async () => {
    const root = aRoot();
    const done = await secrets(root, ['init', '--skill', 'text/send'], { stdin: `${CANARY}\nx\n` });
    expect(done).toEqual({
      code: 0,
      stdout: 'secrets_written: secrets/.env\n',
      stderr: 'required_secrets: API_KEY, SKILLOS_TEXT_SEND_OTHER_KEY\n',
    });
    expect(readFileSync(join(root, FILE), 'utf8')).toBe(
      `API_KEY='${CANARY}'\nSKILLOS_TEXT_SEND_OTHER_KEY=x\n`,
    );
  });

  test('keeps the secret of another connector that has the same key', async () => {
    const connector = (id: string) =>
      `id: ${id}\nbase_url: https://${id}.example\nauth: { type: bearer, token: "secret:API_TOKEN" }\n`;
    const root = aRoot({ 'connectors/a.yaml': connector('a'), [FILE]: 'API_TOKEN=of-a\n' });
    writeFiles(root, { 'connectors/b.yaml': connector('b') });
    await secrets(root, ['init', '--connector', 'b'], { stdin: 'of-b\n' });
    expect(readFileSync(join(root, FILE), 'utf8')).toBe('API_TOKEN=of-a\nSKILLOS_B_API_TOKEN=of-b\n');
  });

  test('writes nothing if a line is missing', async () => {
    const root = aRoot();
    const done = await secrets(root, ['init', '--skill', 'text/send'], { stdin: `${CANARY}\n` });
    expect([done.code, done.stderr]).toEqual([
      2,
      expect.stringContaining('Expected 2 lines that are not empty'),
    ]);
    expect(() => statSync(join(root, FILE))).toThrow('ENOENT');
  });

  test('says that there are none', async () => {
    const root = aRoot({ 'metadata/text/plain.yaml': aManifest('text/plain') });
    const done = await secrets(root, ['init', '--skill', 'text/plain']);
    expect(done).toEqual({ code: 0, stdout: 'no_secrets_required\n', stderr: '' });
  });

  test.each([
    [['--skill', 'text/none'], 'unknown_skill'],
    [['--connector', 'none'], 'unknown_connector'],
    [[], 'usage'],
    [['--skill', 'text/send', '--connector', 'x'], 'usage'],
  ])('refuses %j: %s', async (argv, code) => {
    const { stdout } = await secrets(aRoot(), ['init', ...argv, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ code });
  });
});

test('secrets list shows names and who uses them', async () => {
  const root = aRoot({ [FILE]: `OTHER=${CANARY}\nAPI_KEY='${CANARY}'\n` });
  expect(await secrets(root, ['list'])).toEqual({
    code: 0,
    stdout: 'NAME     USED BY\nAPI_KEY  text/send\nOTHER\n',
    stderr: '',
  });
  expect((await secrets(aRoot(), ['list'])).stdout).toBe('no_secrets\n');
});

describe('secrets check', () => {
  test('says where each secret is, and what is missing', async () => {
    const root = aRoot({ [FILE]: `API_KEY='${CANARY}'\n` });
    chmodSync(join(root, FILE), 0o600);
    const missing = await secrets(root, ['check']);
    expect(missing).toEqual({
      code: 1,
      stdout:
        'USED BY    KEY        FOUND\n' +
        'text/send  API_KEY    API_KEY (file)\n' +
        'text/send  other key  missing: SKILLOS_TEXT_SEND_OTHER_KEY or other key\n',
      stderr: '',
    });
    const env = { SKILLOS_TEXT_SEND_OTHER_KEY: CANARY };
    const complete = await secrets(root, ['check'], { env });
    expect([complete.code, complete.stdout.split('\n').slice(2)]).toEqual([
      0,
      ['text/send  other key  SKILLOS_TEXT_SEND_OTHER_KEY (environment)', 'secrets_ok', ''],
    ]);
  });

  test('reports a file that others may read, as validate does', async () => {
    const root = aRoot({ [FILE]: `API_KEY='${CANARY}'\n` });
    chmodSync(join(root, FILE), 0o640);
    const env = { SKILLOS_TEXT_SEND_OTHER_KEY: CANARY };
    const { code, stderr } = await secrets(root, ['check'], { env });
    expect([code, stderr]).toEqual([
      1,
      'secrets_file: secrets/.env is open to other users: expected mode 0600\n',
    ]);
    const validated = await runCli(['validate', '--root', root]);
    expect(validated).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(
        'insecure_secrets: secrets/.env is open to other users: expected mode 0600\n',
      ) as string,
    });
  });
});

test('where hosts run what was deployed, its secrets are checked and asked for, with the values of the host', async () => {
  const root = rootWith({
    'text/send': { code: 'export const run = () => 1;', manifest: 'secrets: [KEY]\n' },
  });
  const env = { SKILLOS_DEPLOYMENTS: '1' };
  const inRoot = (...argv: readonly string[]) => runCli([...argv, '--root', root], { env, stdin: 'x\n' });
  const missing = { code: 1, stdout: expect.stringContaining('missing') as unknown };
  await expect(inRoot('secrets', 'check')).resolves.toMatchObject(missing); // nothing is deployed yet
  await expect(inRoot('deploy')).resolves.toMatchObject({ code: 0 });
  rmSync(join(root, 'metadata'), { recursive: true });
  await expect(inRoot('secrets', 'check')).resolves.toMatchObject(missing);
  await expect(inRoot('secrets', 'init', '--skill', 'text/send')).resolves.toMatchObject({ code: 0 });
  await expect(inRoot('secrets', 'check')).resolves.toMatchObject({ code: 0 });
  const { stdout } = await inRoot('secrets', 'list', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ items: [{ used_by: ['text/send'] }] });
});
