/**
 * Shared by the benchmarks of runs: SkillOS and hand-written workflows with the same skill in the same skill
 * host.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { openWorkerPorts } from '../activities/open-ports.ts';
import { createWorker } from '../activities/worker.ts';
import { carry, uncarry } from '../adapters/storage/carrying.ts';
import { packageFile } from '../adapters/machine/package.ts';
import { startRun } from '../client/submit/start-run.ts';
import type { Temporal } from '../client/temporal/connection.ts';
import type { ClientPorts } from '../client/ports.ts';
import { signersOf } from '../core/runs/signers.ts';
import { parseConfig } from '../core/settings/config.ts';
import type { RequestedStep, FrozenStep, Plan } from '../core/plans/plan.ts';
import type { RunOutcome } from '../core/runs/run.ts';
import { parseSkillId } from '../core/values/skill-id.ts';
import { startServerInMemory } from '../tests/support/temporal-server.ts';

const skill = parseSkillId('bench/echo');
const principal = { subject: 'bench', roles: [], via: 'local' } as const;

/** The plan of the only skill. */
export const ECHO: Plan<RequestedStep> = { kind: 'step', step: { skill } };

export interface Side {
  readonly name: string;
  run(index: number): Promise<string>;
}

export interface Stage {
  /** A workflow of `bare-workflow.ts`. */
  bare(workflow: { readonly name: string; readonly args: readonly unknown[] }, eager: boolean): Side;
  ours(plan: Plan<RequestedStep>, eager: boolean): Side;
  /** Events in the history of the last run, by hand and with SkillOS. */
  events(): Promise<readonly [number, number]>;
}

/** Runs on a new Temporal server and a new root. */
export async function onStage(perform: (stage: Stage) => Promise<void>): Promise<void> {
  const root = makeRoot();
  const server = await startServerInMemory();
  try {
    const { stage, close } = await openStage(root, server.address);
    await perform(stage).finally(close);
  } finally {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  }
}

/** The ports of a worker, with settings that limit nothing; with SKILLOS_SERVER_KEY it verifies what it executes. */
export function stagePorts(root: string) {
  const config = parseConfig({
    SKILLOS_ROOT: root,
    SKILLOS_BUDGET_PER_REQUEST: '1000',
    SKILLOS_BUDGET_DAILY: '100000',
    SKILLOS_BUDGET_MONTHLY: '100000',
    SKILLOS_PARALLEL_LIMIT: '10',
    SKILLOS_SKILL_MEMORY_MB: '256',
    SKILLOS_SERVER_KEY: process.env['SKILLOS_SERVER_KEY'],
  });
  return openWorkerPorts({
    config,
    root,
    environment: process.env,
    now: Date.now,
    note: console.error,
    isGone: () => Promise.resolve(false),
  });
}

async function openStage(root: string, address: string) {
  const ports = stagePorts(root);
  const { serverKey } = ports.trust;
  const connection = await NativeConnection.connect({ address });
  const bareWorker = await Worker.create({
    connection,
    taskQueue: 'bench-bare',
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: packageFile('bench/bare-workflow.ts'),
      logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error },
    }),
    activities: { callSkill: await skillCaller(ports) },
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
  const target = { address, namespace: 'default', taskQueue: 'bench-ours', local: true };
  const stage = stageOf(client, target, {
    ...ports,
    ...signersOf(serverKey === undefined ? undefined : () => serverKey),
    values: {
      carry: (value) => carry(value, ports.blobs),
      uncarry: (carried) => uncarry(carried, ports.blobs),
    },
  });
  const close = async (): Promise<void> => {
    bareWorker.shutdown();
    ourWorker.shutdown();
    await Promise.all(running);
    await ports.close();
    await connection.close();
  };
  return { stage, close };
}

function stageOf(client: Client, target: Temporal['target'], ports: ClientPorts): Stage {
  const last = { bare: '', ours: '' };
  let calls = 0;
  const eventsOf = async (id: string): Promise<number> =>
    (await client.workflow.getHandle(id).fetchHistory()).events?.length ?? 0;
  return {
    bare: ({ name, args }, eager) => ({
      name: `by hand${eager ? ', eager start' : ''}`,
      run(index) {
        last.bare = `${name}-${eager}-${index}-${calls++}`;
        return client.workflow.execute(name, {
          workflowId: last.bare,
          taskQueue: 'bench-bare',
          args: [...args],
          requestEagerStart: eager,
        });
      },
    }),
    ours(plan, eager) {
      const temporal: Temporal = { client, target, isEager: eager, close: async () => {} };
      const ask = { plan, payload: 'hello', principal, tenant: 'default' } as const;
      return {
        name: `SkillOS${eager ? ', eager start' : ''}`,
        async run() {
          const { runId } = await startRun(ports, temporal, ask);
          last.ours = runId;
          const outcome = (await client.workflow.getHandle(runId).result()) as RunOutcome;
          if (outcome.status !== 'success') throw new Error(`The run ended ${JSON.stringify(outcome)}`);
          return JSON.stringify(await ports.values.uncarry(outcome.output ?? { value: null }));
        },
      };
    },
    events: () => Promise.all([eventsOf(last.bare), eventsOf(last.ours)]),
  };
}

/** Calls the skill as an activity of SkillOS does, with nothing around it. */
async function skillCaller({ catalogs, definitions, host }: ReturnType<typeof openWorkerPorts>) {
  const entry = await catalogs.find(skill);
  if (entry === undefined) throw new Error('Expected the bench skill');
  const step: FrozenStep = {
    number: 1,
    skill,
    name: 'echo',
    hash: await (await definitions()).code.freeze(entry),
    accepts: 'text',
    timeoutMs: 60_000,
    retry: { maxAttempts: 1, initialMs: 1000, backoff: 2, maxIntervalMs: 1000, nonRetryable: [] },
    repeatable: false,
  };
  let calls = 0;
  return async (payload: string): Promise<string> => {
    const signal = new AbortController().signal;
    const call = { runId: 'bare', step, attempt: 1, idempotencyKey: `bare:${calls++}`, principal, payload };
    return JSON.parse(await host.run(call, { signal, onLog() {}, onHeartbeat() {} })) as string;
  };
}

export function makeRoot(): string {
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
