import { runCli } from '../../support/run-cli.ts';
import { tempFolder } from '../../support/temp-folder.ts';

test('a worker that cannot start serves no metrics any longer', async () => {
  const env = { SKILLOS_ENV: 'production', SKILLOS_METRICS_PORT: '0' };
  const { code, stderr } = await runCli(['worker', '--root', tempFolder()], { env });
  expect([code, stderr]).toEqual([78, expect.stringContaining('Invalid SKILLOS_SERVER_KEY')]);
  const [, url = ''] = /^metrics: (\S+)$/m.exec(stderr) ?? [];
  await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
});
