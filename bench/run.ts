/**
 * One skill through SkillOS beside a hand-written workflow that calls the same skill in the same skill host, on one
 * Temporal server, interleaved. Usage: npm run bench -- run [rounds]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { openWorkerPorts } from '../activities/open-ports.ts';
import { createWorker } from '../activities/worker.ts';
import { carry, uncarry } from '../adapters/carrying.ts';
import { packageFile } from '../adapters/package.ts';
import { startRun } from '../client/runs.ts';
import type { Temporal } from '../client/connection.ts';
import type { ClientPorts } from '../client/ports.ts';
import type { Bench } from './main.ts';
import { fixed, quantile, timed } from './measure.ts';
import { parseConfig } from '../core/config.ts';
import type { FrozenStep } from '../core/plan.ts';
import type { RunOutcome } from '../core/run.ts';
import { parseSkillId } from '../core/skill-id.ts';
import { startServerInMemory } from '../tests/support/temporal-server.ts';

const WARM_UP = 20;
const IN_FLIGHT = 50;
const skill = parseSkillId('bench/echo');
const principal = { subject: 'bench', roles: [], via: 'local' } as const;

interface Side {
  readonly name: string;
  run(index: number): Promise<string>;
}

export const runBench: Bench = {
  summary: 'one skill beside a hand-written workflow: latency, throughput, events; [rounds]',
  run: async ([rounds = '200']) => {
    await benchRun(Number(rounds));
    return 0;
  },
};

async function benchRun(rounds: number): Promise<void> {
  const root = makeRoot();
  const server = await startServerInMemory();
  const stage = await openStage(root, server.address);
  try {
    const sides = [stage.bare(false), stage.bare(true), stage.ours(false), stage.ours(true)];
    for (const side of sides) for (let i = 0; i < WARM_UP; i++) await side.run(i);
    await printLatency(sides, rounds);
    await printThroughput(sides, rounds);
    await stage.printEvents();
  } finally {
    await stage.close();
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  }
}

async function printLatency(sides: readonly Side[], rounds: number): Promise<void> {
  const times = sides.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, side] of sides.entries()) times[index]?.push(await timed(() => side.run(round)));
  }
  process.stdout.write('latency, sequential (ms)      p50    p95   × bare\n');
  const base = quantile(times[0] as number[], 0.5);
  for (const [index, side] of sides.entries()) {
    const p50 = quantile(times[index] as number[], 0.5);
    const p95 = quantile(times[index] as number[], 0.95);
    process.stdout.write(
      `${side.name.padEnd(28)}${fixed(p50)}${fixed(p95)}${(p50 / base).toFixed(2).padStart(8)}\n`,
    );
  }
}

async function printThroughput(sides: readonly Side[], rounds: number): Promise<void> {
  const total = Math.max(rounds, IN_FLIGHT * 4);
  const rates = sides.map(() => [] as number[]);
  for (let pass = 0; pass < 3; pass++) {
    for (const [index, side] of sides.entries()) rates[index]?.push(await rateOf(side, total));
  }
  process.stdout.write(`\nthroughput, ${IN_FLIGHT} in flight (runs/s)  × bare\n`);
  const base = quantile(rates[0] as number[], 0.5);
  for (const [index, side] of sides.entries()) {
    const rate = quantile(rates[index] as number[], 0.5);
    process.stdout.write(`${side.name.padEnd(28)}${fixed(rate)}${(rate / base).toFixed(2).padStart(8)}\n`);
  }
}

async function rateOf(side: Side, total: number): Promise<number> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < total) await side.run(next++);
  };
  const took = await timed(async () => {
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  });
  return (total / took) * 1000;
}

async function openStage(root: string, address: string) {
  const config = parseConfig({
    SKILLOS_ROOT: root,
    SKILLOS_BUDGET_DAILY: '100000',
    SKILLOS_BUDGET_MONTHLY: '100000',
    SKILLOS_SKILL_MEMORY_MB: '256',
  });
  const ports = openWorkerPorts({
    config,
    environment: process.env,
    now: Date.now,
    note: console.error,
    isGone: () => Promise.resolve(false),
  });
  const { catalogs, code, host } = ports;
  const entry = await catalogs.find(skill);
  if (entry === undefined) throw new Error('Expected the bench skill');
  const step: FrozenStep = {
    number: 1,
    skill,
    name: 'echo',
    hash: await code.freeze(entry),
    accepts: 'text',
    timeoutMs: 60_000,
    retry: { maxAttempts: 1, initialMs: 1000, backoff: 2, maxIntervalMs: 1000, nonRetryable: [] },
    repeatable: false,
  };
  let calls = 0;
  const callSkill = async (payload: string): Promise<string> => {
    const signal = new AbortController().signal;
    const call = { runId: 'bare', step, attempt: 1, idempotencyKey: `bare:${calls++}`, principal, payload };
    return JSON.parse(await host.run(call, { signal, onLog() {}, onHeartbeat() {} })) as string;
  };
  const connection = await NativeConnection.connect({ address });
  const bareWorker = await Worker.create({
    connection,
    taskQueue: 'bench-bare',
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: packageFile('bench/bare-workflow.ts'),
      logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error },
    }),
    activities: { callSkill },
    maxConcurrentActivityTaskExecutions: 16,
  });
  const ourWorker = await createWorker({
    connection,
    namespace: 'default',
    taskQueue: 'bench-ours',
    workflowBundle: packageFile('dist/workflows.js'),
    concurrency: 16,
    ports,
  });
  const running = [bareWorker.run(), ourWorker.run()];
  const client = new Client({ connection });
  const clientPorts: ClientPorts = {
    ...ports,
    values: {
      carry: (value) => carry(value, ports.blobs),
      uncarry: (carried) => uncarry(carried, ports.blobs),
    },
  };
  const ask = {
    plan: { kind: 'step', step: { skill } },
    payload: 'hello',
    principal,
    tenant: 'default',
  } as const;
  const target = { address, namespace: 'default', taskQueue: 'bench-ours', local: true };
  let last = '';

  function bare(eager: boolean): Side {
    return {
      name: `bare workflow${eager ? ', eager start' : ''}`,
      run: (index) =>
        client.workflow.execute('bare', {
          workflowId: `bare-${eager}-${index}-${calls++}-${Date.now()}`,
          taskQueue: 'bench-bare',
          args: ['hello'],
          requestEagerStart: eager,
        }),
    };
  }

  function ours(eager: boolean): Side {
    const temporal: Temporal = { client, target, isEager: eager, close: async () => {} };
    return {
      name: `SkillOS${eager ? ', eager start' : ''}`,
      async run() {
        const { runId } = await startRun(clientPorts, temporal, ask);
        last = runId;
        const outcome = (await client.workflow.getHandle(runId).result()) as RunOutcome;
        return JSON.stringify(await clientPorts.values.uncarry(outcome.output ?? { value: null }));
      },
    };
  }

  return {
    bare,
    ours,
    async printEvents() {
      const bareId = `bare-events-${Date.now()}`;
      await client.workflow.execute('bare', { workflowId: bareId, taskQueue: 'bench-bare', args: ['hello'] });
      const count = async (id: string) => (await client.workflow.getHandle(id).fetchHistory()).events?.length;
      process.stdout.write(`\nevents a run: bare ${await count(bareId)}, SkillOS ${await count(last)}\n`);
    },
    async close() {
      bareWorker.shutdown();
      ourWorker.shutdown();
      await Promise.all(running);
      await ports.close();
      await connection.close();
    },
  };
}

function makeRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'skillos-bench-'));
  mkdirSync(join(root, 'metadata', 'bench'), { recursive: true });
  mkdirSync(join(root, 'implementations', 'bench'), { recursive: true });
  writeFileSync(
    join(root, 'metadata', 'bench', 'echo.yaml'),
    'id: bench/echo\nname: Echo\ndescription: Answers what it was asked\nversion: 1.0.0\nentrypoint: implementations.bench.echo:run\n',
  );
  writeFileSync(
    join(root, 'implementations', 'bench', 'echo.ts'),
    'export const run = (payload: string) => payload;\n',
  );
  return root;
}
