import { resolve } from 'node:path';
import { runCli } from '../../support/run-cli.ts';
import { skillos } from '../../support/skillos-process.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const SAMPLE = resolve(import.meta.dirname, '../../../skills');

describe('what executing commands are told', () => {
  test.each([
    [['--approval', 'maybe'], 'Invalid --approval "maybe": expected approved or denied'],
    [
      ['--approval', 'approved', '--approval-token', '@no-such-file'],
      'Cannot read token file "no-such-file"',
    ],
    [['--approval', 'approved', '--detach'], 'Expected one of --detach and --approval'],
    [['--max-retries', 'x'], 'Invalid --max-retries "x": expected a whole number from 0 to 99'],
    [['--timeout', 'soon'], 'Invalid --timeout "soon"'],
  ])('is refused before an engine is asked: %j', async (options, message) => {
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:1', SKILLOS_STATE_DIR: tempFolder() };
    const words = ['run-skill', 'finance/close_books', '--root', SAMPLE, ...options];
    const { code, stdout, stderr } = await skillos(words, { env });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`Error: ${message}`);
  });

  test.each([
    [['--approval', 'perhaps'], 'Invalid --approval "perhaps"'],
    [['--timeout', 'abc'], 'Invalid --timeout "abc"'],
    [['--max-retries', '-1'], 'Invalid --max-retries "-1"'],
    [['--payload', 'x', '--stdin'], 'Expected one of --payload, --payload-file and --stdin'],
    [['--payload', '@no-such-file', '--execute'], 'Cannot read payload file "no-such-file"'],
  ])('run refuses %j before it routes, even if no skill would be found', async (options, message) => {
    const { code, stdout, stderr } = await runCli(['run', 'zzz qqq', '--root', SAMPLE, ...options]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`Error: ${message}`);
  });

  test('a job refuses a session', async () => {
    const argv = ['pipeline', 'run', '--root', SAMPLE, '--step', 'ops/first', '--job', '--session', 's'];
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:1', SKILLOS_STATE_DIR: tempFolder() };
    expect(await runCli(argv, { env })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Error: Expected one of --job and --session: jobs have no session'),
    });
  });

  test('points to a server in production, where no local engine is used', async () => {
    const env = { SKILLOS_ENV: 'production', SKILLOS_STATE_DIR: tempFolder() };
    expect(await skillos(['run-skill', 'ops/first', '--root', SAMPLE], { env })).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('hint: Name the server with TEMPORAL_ADDRESS'),
    });
  });
});
