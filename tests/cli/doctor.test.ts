import { deadAddress } from '../support/dead-address.ts';
import { skillos } from '../support/skillos-process.ts';
import { writeFiles } from '../support/write-files.ts';
import { runCli } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';

test('doctor finds a production without a Temporal server, as its runs would', async () => {
  const root = tempFolder();
  writeFiles(root, { 'metadata/.keep': '' });
  const env = {
    SKILLOS_ENV: 'production',
    SKILLOS_STATE_DIR: tempFolder(),
    SKILLOS_CACHE_DIR: tempFolder(),
  };
  const { code, stdout } = await runCli(['doctor', '--json', '--root', root], { env });
  const { checks } = JSON.parse(stdout) as { checks: readonly { check: string; problems: object[] }[] };
  const [problem] = checks.find(({ check }) => check === 'temporal')?.problems ?? [];
  expect([code, problem]).toEqual([
    1,
    {
      message: 'Production starts no local engine (engine_not_running)',
      remedy: 'Name the server with TEMPORAL_ADDRESS',
    },
  ]);
});

test('the built doctor names a server that does not answer, once', async () => {
  const root = tempFolder();
  writeFiles(root, { 'metadata/.keep': '' });
  const TEMPORAL_ADDRESS = await deadAddress();
  const env = {
    HOME: root,
    SKILLOS_STATE_DIR: tempFolder(),
    SKILLOS_CACHE_DIR: tempFolder(),
    TEMPORAL_ADDRESS,
  };
  const { code, stdout } = await skillos(['doctor', '--quiet', '--root', root], { env });
  expect([code, stdout.split('\n')[0]]).toEqual([
    1,
    `✗ temporal: Temporal does not answer at "${TEMPORAL_ADDRESS}" (engine_unreachable)`,
  ]);
  expect(stdout).not.toContain('workers');
});
