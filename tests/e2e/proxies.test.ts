/** An environment whose proxies do not answer: what stays on this machine works all the same. */
import { serveBuilt } from '../support/built-server.ts';
import { deadAddress } from '../support/dead-address.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';
import { skillos, startWorkerProcess } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const NAMES = ['http_proxy', 'https_proxy', 'grpc_proxy', 'all_proxy'];

let deployment: Deployment;
let proxies: Record<string, string>;

beforeAll(async () => {
  const dead = `http://${await deadAddress()}`;
  proxies = Object.fromEntries(
    NAMES.flatMap((name) => [name, name.toUpperCase()]).map((name) => [name, dead]),
  );
  deployment = await openDeployment(
    rootWith({ 'test/hello': { code: `export const run = () => 'hello';` } }),
  );
});

afterAll(() => deployment.close());

const command = ['run-skill', 'test/hello', '--json'];
const hello = { code: 0, stdout: expect.stringMatching(/"result": ?"hello"/) };

test('a worker, the API and the command line reach Temporal', async () => {
  const env = { ...deployment.env, ...proxies };
  const [worker, api] = await Promise.all([startWorkerProcess(env), serveBuilt(env)]);
  await expect(skillos(command, { env })).resolves.toMatchObject(hello);
  await expect(api.get('/health/ready')).resolves.toMatchObject({ status: 200 });
  await api.close();
  worker.signal('SIGTERM');
  await worker.ended;
});

test(
  'a local engine starts and runs',
  async () => {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(SKILLOS|TEMPORAL)_/.test(name));
    const env = {
      ...(Object.fromEntries(inherited) as Record<string, string>),
      ...proxies,
      SKILLOS_STATE_DIR: tempFolder(),
      SKILLOS_ROOT: deployment.root,
    };
    try {
      await expect(skillos(command, { env, timeoutMs: PROCESSES_TIMEOUT_MS })).resolves.toMatchObject(hello);
    } finally {
      await skillos(['dev', 'stop'], { env, timeoutMs: PROCESSES_TIMEOUT_MS });
    }
  },
  PROCESSES_TIMEOUT_MS,
);
