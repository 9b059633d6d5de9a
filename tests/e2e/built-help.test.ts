/** Help of the built program: a bundle can break what works from source. */
import { COMMANDS } from '../../cli/commands/index.ts';
import { skillos } from '../support/skillos-process.ts';

test.each(COMMANDS.map(({ path }) => [path]))('the built program has help for %s', async (path) => {
  const { code, stdout, stderr } = await skillos([...path.split(' '), '--help'], { env: {} });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain(`skillos ${path}`);
});
