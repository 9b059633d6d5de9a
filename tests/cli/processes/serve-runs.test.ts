import { rootWith } from '../../support/deployment.ts';
import { runCli } from '../../support/run-cli.ts';
import { skillos } from '../../support/skillos-process.ts';
import { tempFolder } from '../../support/temp-folder.ts';

test('a worker that cannot start serves no metrics any longer', async () => {
  const env = { SKILLOS_ENV: 'production', SKILLOS_METRICS_PORT: '0' };
  const { code, stderr } = await runCli(['worker', '--root', tempFolder()], { env });
  expect([code, stderr]).toEqual([78, expect.stringContaining('Invalid SKILLOS_SERVER_KEY')]);
  const [, url = ''] = /^metrics: (\S+)$/m.exec(stderr) ?? [];
  await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
});

test('a worker without its namespace says so and ends', async () => {
  const env = {
    PATH: process.env['PATH'] ?? '',
    TEMPORAL_ADDRESS: process.env['SKILLOS_TEST_TEMPORAL'] ?? '',
    TEMPORAL_NAMESPACE: 'elsewhere',
    SKILLOS_ROOT: rootWith({}),
  };
  const { code, stdout, stderr } = await skillos(['worker', '--queue', 'runs', '--queue', 'jobs'], { env });
  expect([code, stdout]).toEqual([7, '']);
  expect(stderr).toContain('The Temporal namespace "elsewhere" does not exist (engine_unreachable)');
});
