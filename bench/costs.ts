/**
 * What worker versioning, one more worker process and OpenTelemetry cost: runs over HTTP with and without each, and a bare workflow
 * whose client and worker are in this process, in turns. Usage: npm run bench -- costs [rounds] [runs a round]
 */
import { rmSync } from 'node:fs';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { packageFile } from '../adapters/machine/package.ts';
import { httpServer } from '../tests/support/http-server.ts';
import type { Bench } from './bench.ts';
import { startTemporal } from './deployment.ts';
import { measureSides, printSides, startSide } from './sides.ts';
import type { Side, StartedSide } from './sides.ts';
import { makeRoot } from './stage.ts';

export const costsBench: Bench = {
  summary: 'cost of versioning, one more worker and OpenTelemetry; [rounds] [runs a round]',
  run: async ([rounds = '7', runs = '100']) => {
    const root = makeRoot();
    const temporal = await startTemporal(root);
    const collector = await httpServer((_request, response) => response.end());
    const started: StartedSide[] = [];
    const { address } = temporal;
    const side = async (name: string, settings: Readonly<Record<string, string>> = {}, workers = 1) => {
      started.push(await startSide(name, { root, address, settings }, workers));
    };
    const bare = await startBare(address);
    try {
      await side('plain');
      await side('versioning', { SKILLOS_WORKER_VERSIONING: '1' });
      await side('two workers', {}, 2);
      await side('OpenTelemetry', { SKILLOS_OTLP_ENDPOINT: collector.url });
      const sides = [...started, bare.side];
      await measureSides(sides, { warmUp: 50, rounds: Number(rounds), runs: Number(runs) });
      printSides(sides);
    } finally {
      for (const child of started.flatMap(({ children }) => children)) child.kill('SIGKILL');
      await bare.close();
      await temporal.stop();
      await collector[Symbol.asyncDispose]();
      rmSync(root, { recursive: true, force: true });
    }
    return 0;
  },
};

async function startBare(address: string): Promise<{ readonly side: Side; close(): Promise<void> }> {
  const taskQueue = 'bare';
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: await bundleWorkflowCode({ workflowsPath: packageFile('bench/bare-workflow.ts') }),
    activities: { callSkill: async (payload: string) => payload },
  });
  const running = worker.run();
  const client = new Client({ connection });
  let count = 0;
  const run = () =>
    client.workflow.execute('bare', { workflowId: `bare-${count++}`, taskQueue, args: ['hello'] });
  const cpu = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000_000;
  };
  const close = async (): Promise<void> => {
    worker.shutdown();
    await running;
    await connection.close();
  };
  return { side: { name: 'bare workflow', run, cpu, rates: [], cpuMs: [] }, close };
}
