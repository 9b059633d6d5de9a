/** Measures the settings of our development server: the same bare workflow on a stock server and on ours. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { packageFile } from '../adapters/machine/package.ts';
import { parseConfig } from '../core/settings/config.ts';
import { resolveTemporalBinary } from '../temporal-dev/binary.ts';
import { freePort } from '../temporal-dev/free-port.ts';
import { startTemporalServer } from '../temporal-dev/server.ts';
import type { Bench } from './bench.ts';
import { fixed, quantile, timed } from './measure.ts';

const IN_FLIGHT = 50;
const WARM_UP = 30;

interface Server {
  readonly address: string;
  stop(): Promise<void>;
}

export const engineBench: Bench = {
  summary: 'a bare workflow on a stock start-dev and on our tuned server; [rounds]',
  run: async ([rounds = '200']) => {
    const config = parseConfig(process.env);
    const binary = await resolveTemporalBinary({ config, env: process.env, onProgress: console.error });
    const folder = mkdtempSync(join(tmpdir(), 'skillos-bench-'));
    process.stdout.write('one activity            p50    p95 ms   runs/s, 50 in flight\n');
    try {
      await measure('stock start-dev', await startStock(binary), Number(rounds));
      await measure('ours, in memory', await startOurs(binary, folder, false), Number(rounds));
      await measure('ours, database file', await startOurs(binary, folder, true), Number(rounds));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return 0;
  },
};

async function startStock(binary: string): Promise<Server> {
  const port = await freePort([0]);
  const child = spawn(
    binary,
    ['server', 'start-dev', '--headless', '--port', String(port), '--log-level', 'never'],
    {
      stdio: 'ignore',
    },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    address: `127.0.0.1:${port}`,
    async stop() {
      child.kill();
      await ended;
    },
  };
}

function startOurs(binary: string, folder: string, isStored: boolean): Promise<Server> {
  return startTemporalServer({
    binary,
    env: process.env,
    namespace: 'default',
    logFile: join(folder, 'temporal.log'),
    port: 0,
    uiPort: 0,
    ...(isStored ? { dbFile: join(folder, 'temporal.db') } : {}),
  });
}

async function measure(name: string, server: Server, rounds: number): Promise<void> {
  const connection = await connect(server.address);
  const worker = await Worker.create({
    connection,
    taskQueue: 'bench',
    workflowBundle: await bundleWorkflowCode({ workflowsPath: packageFile('bench/bare-workflow.ts') }),
    activities: { callSkill: async (payload: string) => payload },
  });
  const running = worker.run();
  const client = new Client({ connection });
  let count = 0;
  const one = () =>
    client.workflow.execute('bare', { workflowId: `bare-${count++}`, taskQueue: 'bench', args: ['hello'] });
  for (let i = 0; i < WARM_UP; i++) await one();
  const samples: number[] = [];
  for (let i = 0; i < rounds; i++) samples.push(await timed(one));
  const total = Math.max(rounds, IN_FLIGHT * 4);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next++ < total) await one();
  };
  const took = await timed(() => Promise.all(Array.from({ length: IN_FLIGHT }, lane)));
  const rate = (total / took) * 1000;
  const row = [fixed(quantile(samples, 0.5)), fixed(quantile(samples, 0.95)), fixed(rate).padStart(13)];
  process.stdout.write(`${name.padEnd(20)}${row.join('')}\n`);
  worker.shutdown();
  await running;
  await connection.close();
  await server.stop();
}

/** The stock server does not report when it is ready. */
async function connect(address: string): Promise<NativeConnection> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await NativeConnection.connect({ address });
    } catch (error) {
      if (attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
