import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { packageFile } from '../../adapters/machine/package.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const folder = packageFile('tests/workflows/histories');
const histories = readdirSync(folder).filter((name) => name.endsWith('.json'));

test('there are histories to replay', () => {
  expect(histories.length).toBeGreaterThanOrEqual(40);
});

test.each(histories)('today’s workflow code replays %s', async (name) => {
  const history: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  await Worker.runReplayHistory({ workflowBundle: { codePath: packageFile('dist/workflows.js') } }, history);
});
