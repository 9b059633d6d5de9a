/** The built program on a newer Node than the one of the tests; `npm run test:nodes` does more of it. */
import { RELEASES, nodeRelease } from '../nodes/node-release.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';
import { skillos, startSkillos } from '../support/skillos-process.ts';

let deployment: Deployment;
let node: string;

beforeAll(async () => {
  node = nodeRelease(24);
  deployment = await openDeployment(
    rootWith({ 'test/node': { code: 'export const run = () => process.version;' } }),
  );
}, PROCESSES_TIMEOUT_MS);

afterAll(() => deployment.close());

test('a skill runs on Node 24, from the command to the process of the skill', async () => {
  const { env } = deployment;
  const worker = startSkillos(['worker', '--json'], { env, node });
  await worker.until('stdout', /"status":"polling"/);
  const { code, stdout } = await skillos(['run-skill', 'test/node'], { env, node });
  worker.signal('SIGTERM');
  expect([code, stdout, (await worker.ended).code]).toEqual([0, `v${RELEASES[24]}\n`, 0]);
});
